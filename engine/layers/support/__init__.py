"""Helpers shared by the layer families: input requirements, sliding windows, fixes."""

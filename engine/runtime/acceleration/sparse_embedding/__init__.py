"""Embedding updates that touch only the rows of a batch."""

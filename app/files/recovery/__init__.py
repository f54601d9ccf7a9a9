"""Autosaved copies and their recovery."""

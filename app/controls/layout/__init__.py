"""Scroll areas, sortable headers, and tab order."""

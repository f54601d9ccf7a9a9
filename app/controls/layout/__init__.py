"""Scroll areas, header rows and tab order."""

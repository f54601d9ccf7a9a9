"""Readers of CSV and JSON lines, with the positions of errors."""

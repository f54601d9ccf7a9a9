"""Predictions for typed rows and for files."""

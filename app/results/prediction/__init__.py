"""Predictions for rows entered in a form, and for files."""

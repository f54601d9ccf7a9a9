"""Editors for the values of fields."""

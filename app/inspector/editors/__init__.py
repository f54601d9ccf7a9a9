"""Editors of field values, one for each kind of value."""

"""Drags of columns and layer types from panels onto the canvas."""

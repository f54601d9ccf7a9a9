"""Checks of a project before anything is computed; they import neither torch nor NumPy."""

"""Pure functions that return a changed graph or project."""

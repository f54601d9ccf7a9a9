"""Models in Python: `Model`, `Sequential`, their layers, summary and loading."""

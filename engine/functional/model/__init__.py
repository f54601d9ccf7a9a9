"""Models of the Python API: `Model`, `Sequential`, their layers, summary and loading."""

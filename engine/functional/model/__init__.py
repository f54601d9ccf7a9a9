"""Models of the Python API: `Model`, `Sequential`, their layers and summary."""

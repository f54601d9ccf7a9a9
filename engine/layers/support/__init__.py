"""Code that several layer families share, and the Python namespace of layers."""

"""Conversion of symbolic tensors to graphs (tracing) and back (replay), and node names."""

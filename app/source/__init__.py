"""The graph as PyTorch and as Python text."""

"""Models in Python: symbolic tensors to a graph, its layers, weights and summary."""

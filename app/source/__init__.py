"""The source panel: the graph as PyTorch source, as Python source and as a graph file."""

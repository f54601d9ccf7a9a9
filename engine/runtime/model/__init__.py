"""The network as a torch module: layers, losses, metrics, weight layout."""

"""A recipe: all that a run needs besides the graph and the data."""

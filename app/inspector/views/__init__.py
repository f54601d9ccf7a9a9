"""The inspector views of a node, of several nodes, and of the recipe."""

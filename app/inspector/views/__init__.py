"""What the inspector shows for a node, a selection, the recipe."""

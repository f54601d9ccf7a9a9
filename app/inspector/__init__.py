"""The inspector panel: a form for the selected nodes, or for the training settings (recipe)."""

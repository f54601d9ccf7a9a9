"""The inspector panel, which edits the selected nodes or the training settings in a form."""

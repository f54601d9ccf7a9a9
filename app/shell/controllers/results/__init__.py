"""Controllers of the results panel: the displayed run, and predictions for files."""

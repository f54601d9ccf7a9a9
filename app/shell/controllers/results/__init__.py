"""Controllers of the results panel: the displayed run, exports, and predictions for files."""

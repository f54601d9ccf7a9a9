"""Controllers of the results panel: the run that it shows, exports and predictions for files."""

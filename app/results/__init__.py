"""The results panel: evaluation of a run, and predictions for entered rows."""

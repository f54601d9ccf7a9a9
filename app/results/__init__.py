"""The results panel: evaluations of a run, and predictions for rows that the user enters."""

"""The runs panel: a table of runs, their curves, and the comparison of two runs."""

"""Comparison of runs: a table of runs, the differences between two runs, score summaries."""

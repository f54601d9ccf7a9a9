"""Comparison of runs: table of runs, differences between two runs, score summaries."""

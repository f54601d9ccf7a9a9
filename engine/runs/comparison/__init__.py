"""Several runs side by side: table of runs, differences, scores, best epochs."""

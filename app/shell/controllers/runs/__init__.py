"""Controllers of the runs panel: the listed folder, curves, new training runs, and graphs."""

"""Controllers of the runs panel: they choose its folder, show curves, open graphs and train."""

"""Controllers of the runs panel: its folder, curves and training, and documents made from runs."""

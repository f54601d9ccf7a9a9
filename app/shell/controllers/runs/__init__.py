"""Controllers of the runs panel: listed folder, curves, trainings, and documents from runs."""

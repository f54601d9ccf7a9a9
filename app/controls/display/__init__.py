"""Labels, notes, plots and other widgets that only show."""

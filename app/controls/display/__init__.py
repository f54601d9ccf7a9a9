"""Labels, notes, plots and other widgets that show information."""

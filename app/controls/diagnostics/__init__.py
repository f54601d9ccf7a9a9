"""A tree view of diagnostics and their fixes, for the graph and for the data check."""

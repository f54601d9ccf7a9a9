"""The summary panel: a table of the layers, with totals."""

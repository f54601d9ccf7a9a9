"""The layer table with its totals."""

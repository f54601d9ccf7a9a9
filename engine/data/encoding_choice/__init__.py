"""Which encoding a column gets, and whether a column fits a port."""

"""The cache of encoded tables, in memory-mapped files."""

"""Tables in memory: column types, parsing of cells, and row numbers for messages."""

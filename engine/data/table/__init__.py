"""Tables in memory: column types, parsing of cells, row numbers for messages."""

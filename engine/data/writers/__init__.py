"""Writers of tables to files."""

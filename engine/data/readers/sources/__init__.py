"""Sources other than files: stdin and http URLs, which are copied to a file first."""

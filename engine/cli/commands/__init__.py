"""One module per command of `engine`."""

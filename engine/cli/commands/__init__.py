"""The commands of `engine`."""

"""The commands of `engine`, one or a few per module."""

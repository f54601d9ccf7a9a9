"""Graphs and projects as immutable values, their edits, undo history and files."""

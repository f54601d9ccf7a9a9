"""The starter network made for a table."""

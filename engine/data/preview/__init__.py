"""Previews of the rows that ports receive from a table, and input form fields for predictions."""

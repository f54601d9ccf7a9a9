"""Previews of the rows that ports receive from a table, and the input fields of a trained run."""

"""Chooses the encoding of a column, and checks whether columns fit a port."""

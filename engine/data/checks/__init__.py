"""Checks of every row before training starts."""

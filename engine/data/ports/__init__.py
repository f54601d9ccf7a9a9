"""Ports of a graph (inputs and targets): which columns they need, and which ones they get."""

"""Findings as a tree to read and to mend: those of a graph, and those of its data."""

"""Exports: source and pictures of a graph, curves, results and reports, trained weights."""

"""Layered (Sugiyama) layout of a graph: ranks (columns), order within ranks, coordinates."""

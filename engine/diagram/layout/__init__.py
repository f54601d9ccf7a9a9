"""The layered layout of a graph (Sugiyama): ranks, order within ranks, coordinates."""

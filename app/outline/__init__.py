"""The outline panel: the graph as a tree, for keyboard and screen reader."""

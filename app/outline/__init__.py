"""The graph as a tree: the way in for keyboard and screen reader."""

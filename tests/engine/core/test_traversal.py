"""Nodes that a path leads to, in graphs with branches and cycles."""

from engine.core.traversal import reachable

GRAPH = {"a": "b", "b": "cd", "c": "a", "d": "", "e": "d"}


def test_starts_and_all_nodes_after_them_are_reachable():
    assert reachable(["a"], GRAPH.__getitem__) == {"a", "b", "c", "d"}
    assert reachable("de", GRAPH.__getitem__) == {"d", "e"}
    assert reachable([], GRAPH.__getitem__) == set()

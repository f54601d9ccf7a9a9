"""Traversal of directed graphs, whose nodes may be any hashable objects."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def reachable(starts: Iterable[T], neighbors: Callable[[T], Iterable[T]]) -> set[T]:
    """Return `starts` and all nodes to which a path leads from them.

    `neighbors` returns the nodes that are one step away from a node.
    """
    found = set(starts)
    pending = [*found]
    while pending:
        new = set(neighbors(pending.pop())) - found
        found |= new
        pending += new
    return found

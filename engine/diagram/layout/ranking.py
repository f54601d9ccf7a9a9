"""Rank assignment of a layered layout: the column of each node, with short wires.

Nodes are numbers here. Cycles are broken first, by removing the back edges of a depth-first search.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

_MAX_PASSES = 4


class RankedWire(NamedTuple):
    """A wire between two numbered nodes. An offset is the position of a port, from -0.5 to 0.5."""

    source: int
    target: int
    source_offset: float = 0.0
    target_offset: float = 0.0


def remove_cycles(count: int, wires: Iterable[RankedWire]) -> tuple[list[RankedWire], list[int]]:
    """Return the wires that close no cycle, and the nodes (0 to count - 1) in topological order."""
    outgoing: list[list[RankedWire]] = [[] for _ in range(count)]
    is_root = [True] * count
    for wire in wires:
        outgoing[wire.source].append(wire)
        is_root[wire.target] = False
    kept: list[RankedWire] = []
    finished: list[int] = []
    state = [0] * count  # 0 unvisited, 1 on the stack, 2 finished
    for root in sorted(range(count), key=lambda node: not is_root[node]):
        if state[root]:
            continue
        state[root] = 1
        stack = [(root, iter(outgoing[root]))]
        while stack:
            node, remaining = stack[-1]
            for wire in remaining:
                if state[wire.target] != 1:  # a wire to a node on the stack closes a cycle
                    kept.append(wire)
                if not state[wire.target]:
                    state[wire.target] = 1
                    stack.append((wire.target, iter(outgoing[wire.target])))
                    break
            else:
                state[node] = 2
                finished.append(node)
                stack.pop()
    return kept, finished[::-1]


def assign_ranks(count: int, wires: Iterable[RankedWire], order: Iterable[int]) -> list[int]:
    """Return the rank of each node, from 0. `order` is a topological order of the nodes.

    At first, the rank of a node is the length of the longest path to it. Then nodes move to the
    last rank that their successors allow, or to the first rank that their predecessors allow, if
    the move does not increase the total wire length. This moves short branches next to the nodes
    that they join.
    """
    order = list(order)
    sources: list[list[int]] = [[] for _ in range(count)]
    targets: list[list[int]] = [[] for _ in range(count)]
    for wire in wires:
        sources[wire.target].append(wire.source)
        targets[wire.source].append(wire.target)
    rank = [0] * count
    for node in order:
        rank[node] = 1 + max((rank[source] for source in sources[node]), default=-1)
    for _ in range(_MAX_PASSES):
        has_moved = False
        for node in reversed(order):
            if targets[node] and len(targets[node]) >= len(sources[node]):
                latest = min(rank[target] for target in targets[node]) - 1
                has_moved, rank[node] = has_moved or latest != rank[node], latest
        for node in order:
            if sources[node] and len(sources[node]) >= len(targets[node]):
                rank[node] = 1 + max(rank[source] for source in sources[node])
        if not has_moved:
            break
    first = min(rank, default=0)
    return [value - first for value in rank]

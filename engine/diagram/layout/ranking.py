"""Which column of a layered drawing each node stands in, so that wires lead forwards and are short.

Nodes are numbered here, and a loop loses the wires that close it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

_ROUNDS = 4


class Wire(NamedTuple):
    """A wire between two numbered nodes.

    Args:
        source, target: where it begins and ends.
        leaves, enters: where on their sides, from -0.5 (first port) to 0.5 (last port).
    """

    source: int
    target: int
    leaves: float = 0.0
    enters: float = 0.0


def forwards(count: int, wires: Iterable[Wire]) -> tuple[list[Wire], list[int]]:
    """Return the wires without those that close a loop, and the nodes in an order they allow."""
    fed: list[list[Wire]] = [[] for _ in range(count)]
    free = [True] * count
    for wire in wires:
        fed[wire.source].append(wire)
        free[wire.target] = False
    kept: list[Wire] = []
    finished: list[int] = []
    state = [0] * count  # 0 not met, 1 on the way, 2 finished
    for root in sorted(range(count), key=lambda node: not free[node]):
        if state[root]:
            continue
        state[root] = 1
        way = [(root, iter(fed[root]))]
        while way:
            node, rest = way[-1]
            for wire in rest:
                if state[wire.target] != 1:
                    kept.append(wire)
                if not state[wire.target]:
                    state[wire.target] = 1
                    way.append((wire.target, iter(fed[wire.target])))
                    break
            else:
                state[node] = 2
                finished.append(node)
                way.pop()
    return kept, finished[::-1]


def ranks(count: int, wires: Iterable[Wire], order: Iterable[int]) -> list[int]:
    """Return the rank of each node, from 0.

    Every node starts as early as what feeds it allows. Then nodes go to and fro while the wires in
    all become no longer: a short branch of inputs ends up beside its merge, a short branch of the
    trunk beside the trunk.
    """
    order = list(order)
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for wire in wires:
        before[wire.target].append(wire.source)
        after[wire.source].append(wire.target)
    rank = [0] * count
    for node in order:
        rank[node] = 1 + max((rank[source] for source in before[node]), default=-1)
    for _ in range(_ROUNDS):
        moved = False
        for node in reversed(order):
            if after[node] and len(after[node]) >= len(before[node]):
                latest = min(rank[target] for target in after[node]) - 1
                moved, rank[node] = moved or latest != rank[node], latest
        for node in order:
            if before[node] and len(before[node]) >= len(after[node]):
                rank[node] = 1 + max(rank[source] for source in before[node])
        if not moved:
            break
    first = min(rank, default=0)
    return [place - first for place in rank]

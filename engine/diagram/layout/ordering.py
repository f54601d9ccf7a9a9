"""Nodes rank by rank, in an order with few crossings; long wires pass ranks through bends."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

from engine.diagram.layout.ranking import Wire

_SWEEPS = 8
_BENDS_A_NODE = 2  # more would take time and be no clearer; the longest wires then go without
_BENDS_AT_LEAST = 200

Ends = list[tuple[int, float, float]]  # neighbour, where on one's own side, where on theirs


class Levels:
    """Numbered nodes and, numbered behind them, the bends of wires that pass a rank.

    Wires of one output share their bends.

    Args:
        rank: by node, its rank.
        wires: all of them lead to a higher rank.
    """

    def __init__(self, rank: Sequence[int], wires: Sequence[Wire]) -> None:
        self.count = len(rank)
        self.rank = list(rank)
        self.before: list[Ends] = [[] for _ in rank]
        self.after: list[Ends] = [[] for _ in rank]
        self.lanes: dict[tuple[int, float], list[int]] = {}
        self._join(wires)
        self.rows: list[list[int]] = [[] for _ in range(max(self.rank, default=-1) + 1)]
        for vertex in self._met():
            self.rows[self.rank[vertex]].append(vertex)
        self.place = [0] * len(self.rank)
        self._number()
        self._untangle()

    def lane(self, wire: Wire) -> list[int]:
        """Return the bends that a wire passes."""
        passed = self.rank[wire.target] - self.rank[wire.source] - 1
        return self.lanes.get((wire.source, wire.leaves), [])[:passed]

    def _join(self, wires: Sequence[Wire]) -> None:
        budget = max(_BENDS_A_NODE * self.count, _BENDS_AT_LEAST)

        def span(wire: Wire) -> int:
            return self.rank[wire.target] - self.rank[wire.source]

        reach: dict[tuple[int, float], int] = {}
        for wire in sorted(wires, key=span):
            key = (wire.source, wire.leaves)
            more = span(wire) - 1 - reach.get(key, 0)
            if more <= budget:
                budget -= max(more, 0)
                reach[key] = max(span(wire) - 1, reach.get(key, 0))
        for wire in wires:
            key = (wire.source, wire.leaves)
            if span(wire) - 1 > reach[key] if key in reach else span(wire) > 1:
                continue
            lane = self.lanes.setdefault(key, [])
            while len(lane) < span(wire) - 1:
                self._bend(lane, wire)
            last = lane[span(wire) - 2] if span(wire) > 1 else wire.source
            self._link(last, wire.target, wire.leaves if last == wire.source else 0.0, wire.enters)

    def _bend(self, lane: list[int], wire: Wire) -> None:
        bend = len(self.rank)
        self.rank.append(self.rank[wire.source] + len(lane) + 1)
        self.before.append([])
        self.after.append([])
        if lane:
            self._link(lane[-1], bend, 0.0, 0.0)
        else:
            self._link(wire.source, bend, wire.leaves, 0.0)
        lane.append(bend)

    def _link(self, source: int, target: int, leaves: float, enters: float) -> None:
        self.after[source].append((target, leaves, enters))
        self.before[target].append((source, enters, leaves))

    def _met(self) -> list[int]:
        """Return all vertices as a walk along the wires meets them, first nodes first."""
        met: list[int] = []
        seen = [False] * len(self.rank)
        roots = [vertex for vertex in range(self.count) if not self.before[vertex]]
        for root in (*roots, *range(self.count)):
            waiting = [root]
            while waiting:
                vertex = waiting.pop()
                if seen[vertex]:
                    continue
                seen[vertex] = True
                met.append(vertex)
                following = sorted(self.after[vertex], key=lambda end: (end[1], end[0]))
                waiting += [target for target, _, _ in reversed(following)]
        return met

    def _number(self) -> None:
        for row in self.rows:
            for place, vertex in enumerate(row):
                self.place[vertex] = place

    def _untangle(self) -> None:
        """Sweep to and fro, each row sorted by its neighbours' middle; keep the best order met."""
        best, fewest = [row[:] for row in self.rows], self.crossings()
        for sweep in range(_SWEEPS):
            if not fewest and sweep > 1:
                break
            forwards = sweep % 2 == 1
            rows = self.rows if forwards else self.rows[::-1]
            for row in rows:
                self._sort(row, self.before if forwards else self.after)
            if self.crossings():
                self._exchange()
            found = self.crossings()
            if found < fewest or (found == fewest and sweep < 2):
                best, fewest = [row[:] for row in self.rows], found
        self.rows = best
        self._number()

    def _sort(self, row: list[int], ends: Sequence[Ends]) -> None:
        """Sort those that have neighbours; the others keep their places."""
        if len(row) < 2:
            return
        place = self.place
        middle = {
            vertex: sum(place[other] + theirs for other, _, theirs in ends[vertex])
            / len(ends[vertex])
            for vertex in row
            if ends[vertex]
        }
        ordered = iter(sorted(middle, key=middle.__getitem__))
        row[:] = [next(ordered) if vertex in middle else vertex for vertex in row]
        for at, vertex in enumerate(row):
            place[vertex] = at

    def _exchange(self) -> None:
        """Swap neighbours in a row where that saves crossings."""
        for row in self.rows:
            for at in range(len(row) - 1):
                one, other = row[at], row[at + 1]
                if self._crossed(one, other) > self._crossed(other, one):
                    row[at], row[at + 1] = other, one
                    self.place[one], self.place[other] = at + 1, at

    def _crossed(self, one: int, other: int) -> int:
        crossed = 0
        for ends in (self.before, self.after):
            for first, _, at_first in ends[one]:
                where = self.place[first] + at_first
                crossed += sum(
                    self.place[second] + at_second < where for second, _, at_second in ends[other]
                )
        return crossed

    def crossings(self) -> int:
        """Return how many wires cross between neighbouring ranks."""
        crossed = 0
        place = self.place
        for row in self.rows:
            ends = [
                (place[vertex] + own, place[other] + theirs)
                for vertex in row
                for other, own, theirs in self.after[vertex]
            ]
            if len(ends) < 2:
                continue
            passed: list[float] = []
            for _, end in sorted(ends):
                crossed += len(passed) - bisect_right(passed, end)
                insort(passed, end)
        return crossed

"""Order of the nodes within their ranks, with few wire crossings.

Long wires are split at dummy vertices ("bends"), one in each rank that they pass. The bends of the
wires of one output port form a "lane". Barycenter sweeps and exchanges of neighbors then reduce the
crossings, as in Sugiyama, Tagawa and Toda 1981.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

from engine.diagram.layout.ranking import RankedWire

_SWEEPS = 8
_BENDS_PER_NODE = 2  # a limit, to save time; beyond it, the longest wires get no bends
_MIN_BEND_BUDGET = 200

Ends = list[
    tuple[int, float, float]
]  # segments of a vertex: neighbor, offset of the port here and there


class OrderedRanks:
    """The vertices of each rank of a layered graph layout, in an order with few wire crossings.

    Vertices are numbers: first the nodes, then the bends. A long wire has a bend in
    each rank it passes, if there aren't too many. Wires of one output port share bends.

    Args:
        rank: rank of each node.
        wires: the wires, each to a node of a higher rank.
    """

    def __init__(self, rank: Sequence[int], wires: Sequence[RankedWire]) -> None:
        self.count = len(rank)
        self.rank = list(rank)
        self.incoming: list[Ends] = [[] for _ in rank]
        self.outgoing: list[Ends] = [[] for _ in rank]
        self.lanes: dict[tuple[int, float], list[int]] = {}
        self._add_wires(wires)
        self.rows: list[list[int]] = [[] for _ in range(max(self.rank, default=-1) + 1)]
        for vertex in self._depth_first():
            self.rows[self.rank[vertex]].append(vertex)
        self.index_in_row = [0] * len(self.rank)
        self._update_places()
        self._reduce_crossings()

    def lane(self, wire: RankedWire) -> list[int]:
        """Return the bends of a wire as vertex numbers, in order from its source to its target."""
        count = self.rank[wire.target] - self.rank[wire.source] - 1
        return self.lanes.get((wire.source, wire.source_offset), [])[:count]

    def _add_wires(self, wires: Sequence[RankedWire]) -> None:
        budget = max(_BENDS_PER_NODE * self.count, _MIN_BEND_BUDGET)

        def span(wire: RankedWire) -> int:
            return self.rank[wire.target] - self.rank[wire.source]

        # Grant bends to the shortest wires first, as far as the budget goes.
        granted: dict[tuple[int, float], int] = {}
        for wire in sorted(wires, key=span):
            key = (wire.source, wire.source_offset)
            missing = span(wire) - 1 - granted.get(key, 0)
            if missing <= budget:
                budget -= max(missing, 0)
                granted[key] = max(span(wire) - 1, granted.get(key, 0))
        for wire in wires:
            key = (wire.source, wire.source_offset)
            if span(wire) - 1 > granted.get(key, 0):
                continue
            lane = self.lanes.setdefault(key, [])
            while len(lane) < span(wire) - 1:
                self._add_bend(lane, wire)
            last = lane[span(wire) - 2] if span(wire) > 1 else wire.source
            leaves = wire.source_offset if last == wire.source else 0.0
            self._add_segment(last, wire.target, leaves, wire.target_offset)

    def _add_bend(self, lane: list[int], wire: RankedWire) -> None:
        bend = len(self.rank)
        self.rank.append(self.rank[wire.source] + len(lane) + 1)
        self.incoming.append([])
        self.outgoing.append([])
        if lane:
            self._add_segment(lane[-1], bend, 0.0, 0.0)
        else:
            self._add_segment(wire.source, bend, wire.source_offset, 0.0)
        lane.append(bend)

    def _add_segment(self, source: int, target: int, leaves: float, enters: float) -> None:
        self.outgoing[source].append((target, leaves, enters))
        self.incoming[target].append((source, enters, leaves))

    def _depth_first(self) -> list[int]:
        """Return the numbers of all vertices, depth-first from the nodes without incoming wires."""
        order: list[int] = []
        seen = [False] * len(self.rank)
        roots = [vertex for vertex in range(self.count) if not self.incoming[vertex]]
        for root in (*roots, *range(self.count)):
            stack = [root]
            while stack:
                vertex = stack.pop()
                if seen[vertex]:
                    continue
                seen[vertex] = True
                order.append(vertex)
                targets = sorted(self.outgoing[vertex], key=lambda end: (end[1], end[0]))
                stack += [target for target, _, _ in reversed(targets)]
        return order

    def _update_places(self) -> None:
        for row in self.rows:
            for place, vertex in enumerate(row):
                self.index_in_row[vertex] = place

    def _reduce_crossings(self) -> None:
        """Sweep forwards and backwards over the rows, and keep the order with fewest crossings.

        A row holds the vertices of one rank.
        """
        best, fewest = [row[:] for row in self.rows], self.count_crossings()
        for sweep in range(_SWEEPS):
            if not fewest and sweep > 1:
                break
            is_forward = sweep % 2 == 1
            rows = self.rows if is_forward else self.rows[::-1]
            for row in rows:
                self._sort(row, self.incoming if is_forward else self.outgoing)
            if self.count_crossings():
                self._exchange()
            crossings = self.count_crossings()
            if crossings < fewest or (crossings == fewest and sweep < 2):
                best, fewest = [row[:] for row in self.rows], crossings
        self.rows = best
        self._update_places()

    def _sort(self, row: list[int], ends: Sequence[Ends]) -> None:
        """Sort a row by the mean position of the neighbors that `ends` lists for each vertex.

        Vertices without neighbors do not move.
        """
        if len(row) < 2:
            return
        place = self.index_in_row
        means: dict[int, float] = {}
        for vertex in row:
            if near := ends[vertex]:
                means[vertex] = sum(place[other] + offset for other, _, offset in near) / len(near)
        ordered = iter(sorted(means, key=means.__getitem__))
        row[:] = [next(ordered) if vertex in means else vertex for vertex in row]
        for index, vertex in enumerate(row):
            place[vertex] = index

    def _exchange(self) -> None:
        """Swap adjacent vertices of a row if that reduces the number of crossings."""
        for row in self.rows:
            for i in range(len(row) - 1):
                left, right = row[i], row[i + 1]
                if self._pair_crossings(left, right) > self._pair_crossings(right, left):
                    row[i], row[i + 1] = right, left
                    self.index_in_row[left], self.index_in_row[right] = i + 1, i

    def _pair_crossings(self, left: int, right: int) -> int:
        """Return how often the wires at two vertices of a row cross if `left` is before `right`."""
        count = 0
        for ends in (self.incoming, self.outgoing):
            for vertex, _, offset in ends[left]:
                left_end = self.index_in_row[vertex] + offset
                count += sum(
                    self.index_in_row[end] + shift < left_end for end, _, shift in ends[right]
                )
        return count

    def count_crossings(self) -> int:
        """Return the number of crossings between neighboring ranks.

        If wires are sorted by source, this is the number of inversions in their targets.
        """
        count = 0
        place = self.index_in_row
        for row in self.rows:
            ends = [
                (place[vertex] + source_offset, place[other] + target_offset)
                for vertex in row
                for other, source_offset, target_offset in self.outgoing[vertex]
            ]
            if len(ends) < 2:
                continue
            targets: list[float] = []
            for _, target in sorted(ends):
                count += len(targets) - bisect_right(targets, target)
                insort(targets, target)
        return count

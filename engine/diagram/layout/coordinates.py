"""Coordinates of vertices within ranks, which keep minimum distances and make chains straight.

Vertices are nodes and bends of long wires. Vertices that are aligned along a wire form a block.

Source: Brandes and Köpf 2001, "Fast and simple horizontal coordinate assignment", with blocks
compacted by longest paths in the block graph, as in dagre. Four alignments (up or down, left or
right) are computed and averaged.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

from engine.diagram.layout.ordering import Ends, OrderedRanks

Rows = Sequence[Sequence[int]]
MinDistance = Callable[[int, int], float]


def assign_coordinates(levels: OrderedRanks, min_distance: MinDistance) -> list[float]:
    """Return, by vertex number, the coordinate of the vertex's center along its rank.

    `min_distance` returns the minimum distance between two vertices that are next to each other.
    """
    detours = _detours(levels)
    excluded = _excluded_segments(levels, detours)
    candidates: list[list[float]] = []
    for ends, rows in ((levels.incoming, levels.rows), (levels.outgoing, levels.rows[::-1])):
        neighbors = [_neighbors(levels, segments, detours) for segments in ends]
        for mirrored in (False, True):
            candidates.append(_align(levels, neighbors, rows, excluded, min_distance, mirrored))
    return _balance(candidates)


def _detours(levels: OrderedRanks) -> set[int]:
    """Return the bends (vertices) of detours: long wires that go around a chain of nodes.

    The source of a detour also feeds a node in the next rank. The chain is kept straight instead.
    """
    detours: set[int] = set()
    for (source, _), lane in levels.lanes.items():
        if any(target < levels.count for target, _, _ in levels.outgoing[source]):
            detours.update(lane)
    return detours


def _neighbors(levels: OrderedRanks, ends: Ends, detours: set[int]) -> list[int]:
    """Return the neighbors of a vertex in an adjacent row, sorted by their index in that row.

    `ends` are the segments to this row. Neighbors in `detours` are left out if there are others.
    """
    neighbors = {other for other, _, _ in ends}
    return sorted(neighbors - detours or neighbors, key=levels.index_in_row.__getitem__)


def _align(
    levels: OrderedRanks,
    neighbors: Sequence[Sequence[int]],
    rows: Rows,
    excluded: set[tuple[int, int]],
    min_distance: MinDistance,
    mirrored: bool,
) -> list[float]:
    indices = levels.index_in_row
    if mirrored:
        rows = [row[::-1] for row in rows]
        neighbors = [others[::-1] for others in neighbors]
        indices = [-index for index in indices]
    root = _blocks(rows, neighbors, indices, excluded)
    coordinates = _compact(rows, root, min_distance)
    return [-x for x in coordinates] if mirrored else coordinates


def _excluded_segments(levels: OrderedRanks, detours: set[int]) -> set[tuple[int, int]]:
    """Return the segments that are not kept straight, as pairs of vertices, smaller number first.

    A segment is the part of a wire between two neighboring ranks. A detour is a wire around a chain
    of nodes. `detours` contains the vertices at the bends of all detours. The result contains

    - the first segment of each detour,
    - the last segment of a detour, if its target also has a segment from a vertex not in `detours`,
    - each segment that has a node at an end and crosses a segment between two bends.
    """
    excluded: set[tuple[int, int]] = set()
    for bend in detours:
        for other, _, _ in levels.incoming[bend]:
            if other not in detours:
                excluded.add(_pair(bend, other))
        for other, _, _ in levels.outgoing[bend]:
            if any(source not in detours for source, _, _ in levels.incoming[other]):
                excluded.add(_pair(bend, other))
    for row in levels.rows:
        if any(vertex >= levels.count for vertex in row):
            excluded.update(_crossing_lanes(levels, row))
    return excluded


def _pair(first: int, second: int) -> tuple[int, int]:
    return (first, second) if first < second else (second, first)


def _crossing_lanes(levels: OrderedRanks, row: Sequence[int]) -> list[tuple[int, int]]:
    """Return the segments that have a node at an end and cross a segment between two bends.

    Only segments that end in `row`, a row of vertices, are compared. A segment is returned as its
    two vertices, the smaller number first. Two segments cross if their starts and ends are in
    opposite order. Brandes and Köpf call such a crossing a type 1 conflict.

    The segments between bends are sorted by their position in `row`. Bisection finds those to the
    left and right of another segment. It crosses one of them if, in the previous row, the greatest
    position of those to the left exceeds its position, or the smallest to the right is below it.
    """
    count, indices = levels.count, levels.index_in_row
    segments = [(vertex, other) for vertex in row for other, _, _ in levels.incoming[vertex]]
    lanes = sorted((indices[a], indices[b]) for a, b in segments if min(a, b) >= count)
    starts = [start for start, _ in lanes]
    highest = [*accumulate((end for _, end in lanes), max)]
    lowest = [*accumulate((end for _, end in reversed(lanes)), min)][::-1]
    crossing: list[tuple[int, int]] = []
    for vertex, other in segments:
        left, right = bisect_left(starts, indices[vertex]), bisect_right(starts, indices[vertex])
        crosses_left = left > 0 and highest[left - 1] > indices[other]
        crosses_right = right < len(lanes) and lowest[right] < indices[other]
        if min(vertex, other) < count and (crosses_left or crosses_right):
            crossing.append(_pair(vertex, other))
    return crossing


def _blocks(
    rows: Rows,
    neighbors: Sequence[Sequence[int]],
    indices: Sequence[int],
    excluded: set[tuple[int, int]],
) -> list[int]:
    """Align each vertex with a median neighbor in the previous row. Aligned vertices form a block.

    Return, for each vertex, the root (first vertex) of its block. `indices` has the position of
    each vertex in its row, `excluded` the pairs of vertices that must not be aligned.
    """
    root = list(range(len(neighbors)))
    for row in rows:
        last: float = float("-inf")
        for vertex in row:
            others = neighbors[vertex]
            for other in others[(len(others) - 1) // 2 : len(others) // 2 + 1]:
                if indices[other] > last and _pair(vertex, other) not in excluded:
                    root[vertex] = root[other]
                    last = indices[other]
                    break
    return root


def _compact(rows: Rows, root: Sequence[int], min_distance: MinDistance) -> list[float]:
    """Return the coordinate of each vertex. All vertices of a block get the same coordinate.

    A block contains the vertices that have the same value in `root`. Each block first gets the
    lowest coordinate that `min_distance` allows, and is then moved close to the next blocks.
    """
    following: dict[int, dict[int, float]] = {}
    in_degree: dict[int, int] = {}
    for row in rows:
        for left, right in pairwise(row):
            segments = following.setdefault(root[left], {})
            if root[right] not in segments:
                in_degree[root[right]] = in_degree.get(root[right], 0) + 1
            segments[root[right]] = max(segments.get(root[right], 0.0), min_distance(left, right))
    position = dict.fromkeys(root, 0.0)
    order = [block for block in position if not in_degree.get(block)]
    for block in order:
        for other, distance in following.get(block, {}).items():
            position[other] = max(position[other], position[block] + distance)
            in_degree[other] -= 1
            if not in_degree[other]:
                order.append(other)
    for block in reversed(order):
        if segments := following.get(block, {}):
            limit = min(position[other] - distance for other, distance in segments.items())
            position[block] = max(position[block], limit)
    return [position[block] for block in root]


def _balance(candidates: Sequence[Sequence[float]]) -> list[float]:
    """Return the coordinate of each vertex, combined from four candidate lists of coordinates.

    The lists are shifted: lists 0 and 2 to start where the narrowest list starts, lists 1 and 3 to
    end where it ends. The result has the median of the four coordinates of each vertex.
    """
    if not candidates[0]:
        return []
    low, high = list(map(min, candidates)), list(map(max, candidates))
    narrow = min(range(4), key=lambda i: high[i] - low[i])
    shifts = [high[narrow] - high[i] if i % 2 else low[narrow] - low[i] for i in range(4)]
    medians: list[float] = []
    for values in zip(*candidates, strict=True):
        ordered = sorted(x + shift for x, shift in zip(values, shifts, strict=True))
        medians.append((ordered[1] + ordered[2]) / 2)
    return medians

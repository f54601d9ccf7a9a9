"""Where each node stands in its rank: chains straight, branches even, nothing too near.

Source: Brandes and Köpf 2001, "Fast and simple horizontal coordinate assignment", with blocks
compacted as longest ways through the graph of blocks, as dagre does.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from engine.diagram.layout.ordering import Ends, Levels

Rows = Sequence[Sequence[int]]
Apart = Callable[[int, int], float]


def straight(levels: Levels, apart: Apart) -> list[float]:
    """Return the middle of each vertex, sideways.

    Args:
        levels: ordered rank by rank.
        apart: how far the middles of two neighbours in a row must be from one another.
    """
    beside = _beside(levels)
    taken = _kept_apart(levels, beside)
    answers: list[list[float]] = []
    for ends, rows in ((levels.before, levels.rows), (levels.after, levels.rows[::-1])):
        near = [_near(levels, at, ends[at], beside) for at in range(len(levels.rank))]
        for mirrored in (False, True):
            answers.append(_one_way(levels, near, rows, taken, apart, mirrored))
    return _balanced(answers)


def _beside(levels: Levels) -> set[int]:
    """Return the bends of lanes that leave a node with another way on.

    Such a lane goes round others, so they, not it, are kept straight.
    """
    count = levels.count
    beside: set[int] = set()
    for (source, _), lane in levels.lanes.items():
        if any(target < count for target, _, _ in levels.after[source]):
            beside.update(lane)
    return beside


def _near(levels: Levels, vertex: int, ends: Ends, beside: set[int]) -> list[int]:
    """Return the neighbours on one side, from first to last, those beside only for want of more."""
    found = {other for other, _, _ in ends}
    return sorted(found - beside or found, key=levels.place.__getitem__)


def _one_way(
    levels: Levels,
    near: Sequence[Sequence[int]],
    rows: Rows,
    taken: set[tuple[int, int]],
    apart: Apart,
    mirrored: bool,
) -> list[float]:
    place = levels.place
    if mirrored:
        rows = [row[::-1] for row in rows]
        near = [others[::-1] for others in near]
        place = [-at for at in place]
    root = _blocks(rows, near, place, taken)
    at = _compacted(rows, root, apart)
    return [-x for x in at] if mirrored else at


def _kept_apart(levels: Levels, beside: set[int]) -> set[tuple[int, int]]:
    """Return the links that must not be straight: those that cross a lane, and ends of some."""
    taken: set[tuple[int, int]] = set()
    for bend in beside:
        for other, _, _ in levels.before[bend]:
            if other not in beside:
                taken.add(_both(bend, other))
        for other, _, _ in levels.after[bend]:
            if any(more not in beside for more, _, _ in levels.before[other]):
                taken.add(_both(bend, other))
    for row in levels.rows:
        if any(vertex >= levels.count for vertex in row):
            taken.update(_crossing_lanes(levels, row))
    return taken


def _both(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def _crossing_lanes(levels: Levels, row: Sequence[int]) -> list[tuple[int, int]]:
    """Return the links into a row that cross a link between two bends."""
    count, place = levels.count, levels.place
    links = [(vertex, other) for vertex in row for other, _, _ in levels.before[vertex]]
    lanes = sorted((place[one], place[other]) for one, other in links if min(one, other) >= count)
    starts = [start for start, _ in lanes]
    highest = [*accumulate((end for _, end in lanes), max)]
    lowest = [*accumulate((end for _, end in reversed(lanes)), min)][::-1]
    crossing: list[tuple[int, int]] = []
    for vertex, other in links:
        first, behind = bisect_left(starts, place[vertex]), bisect_right(starts, place[vertex])
        under = first > 0 and highest[first - 1] > place[other]
        over = behind < len(lanes) and lowest[behind] < place[other]
        if min(vertex, other) < count and (under or over):
            crossing.append(_both(vertex, other))
    return crossing


def _blocks(
    rows: Rows,
    near: Sequence[Sequence[int]],
    place: Sequence[int],
    taken: set[tuple[int, int]],
) -> list[int]:
    """Line every vertex up with a middle neighbour before it; answer the first of each line."""
    root = list(range(len(near)))
    for row in rows:
        last: float = float("-inf")
        for vertex in row:
            others = near[vertex]
            for other in others[(len(others) - 1) // 2 : len(others) // 2 + 1]:
                if place[other] > last and _both(vertex, other) not in taken:
                    root[vertex] = root[other]
                    last = place[other]
                    break
    return root


def _compacted(rows: Rows, root: Sequence[int], apart: Apart) -> list[float]:
    """Put each block as near to the first side as its neighbours allow, then close gaps."""
    following: dict[int, dict[int, float]] = {}
    behind: dict[int, int] = {}
    for row in rows:
        for one, other in zip(row, row[1:], strict=False):
            links = following.setdefault(root[one], {})
            if root[other] not in links:
                behind[root[other]] = behind.get(root[other], 0) + 1
            links[root[other]] = max(links.get(root[other], 0.0), apart(one, other))
    at = dict.fromkeys(root, 0.0)
    order = [block for block in at if not behind.get(block)]
    for block in order:
        for other, distance in following.get(block, {}).items():
            at[other] = max(at[other], at[block] + distance)
            behind[other] -= 1
            if not behind[other]:
                order.append(other)
    for block in reversed(order):
        if links := following.get(block, {}):
            at[block] = max(at[block], min(at[other] - far for other, far in links.items()))
    return [at[block] for block in root]


def _balanced(answers: Sequence[Sequence[float]]) -> list[float]:
    """Return the middle of four answers, after lining them up with the narrowest one."""
    if not answers[0]:
        return []
    low = [min(answer) for answer in answers]
    high = [max(answer) for answer in answers]
    narrow = min(range(4), key=lambda which: high[which] - low[which])
    shifts = [
        high[narrow] - high[which] if which % 2 else low[narrow] - low[which] for which in range(4)
    ]
    middles: list[float] = []
    for each in zip(*answers, strict=True):
        ordered = sorted(x + shift for x, shift in zip(each, shifts, strict=True))
        middles.append((ordered[1] + ordered[2]) / 2)
    return middles

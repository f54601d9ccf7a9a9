"""The line that wires follow: level where it leaves and arrives, smooth through points between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import hypot

from engine.graph.view import Point

_SHORTEST, _LONGEST, _FARTHEST = 24.0, 150.0, 420.0


def cubics(points: Sequence[Point]) -> Iterator[tuple[Point, Point, Point]]:
    """Yield, from each point to the next, two control points and that point.

    Args:
        points: at least two; the line leaves the first and arrives at the last from left to right.
    """
    last = len(points) - 1
    for at in range(last):
        here, there = points[at], points[at + 1]
        leave, arrive = _slope(points, at), _slope(points, at + 1)
        pull = _pull(here, there, level=at == 0 or at + 1 == last)
        yield (
            (here[0] + leave[0] * pull, here[1] + leave[1] * pull),
            (there[0] - arrive[0] * pull, there[1] - arrive[1] * pull),
            there,
        )


def _slope(points: Sequence[Point], at: int) -> tuple[float, float]:
    if at in (0, len(points) - 1):
        return 1.0, 0.0
    across = points[at + 1][0] - points[at - 1][0]
    down = points[at + 1][1] - points[at - 1][1]
    length = hypot(across, down)
    return (across / length, down / length) if length else (1.0, 0.0)


def _pull(here: Point, there: Point, level: bool) -> float:
    across, down = there[0] - here[0], abs(there[1] - here[1])
    if not level:
        return hypot(across, down) / 3
    if across >= 0:
        return min(max(across / 2, min(_SHORTEST, down)), _LONGEST)
    # Going back, it swings out far enough to be seen on both sides.
    return min(_SHORTEST * 2 - across * 0.45, _FARTHEST)

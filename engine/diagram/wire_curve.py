"""Bézier curves of wires: horizontal at both ends, smooth through the points between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import hypot

from engine.graph.view import Point

_MIN_PULL, _MAX_PULL, _MAX_LOOP_PULL = 24.0, 150.0, 420.0


def cubic_segments(points: Sequence[Point]) -> Iterator[tuple[Point, Point, Point]]:
    """Yield (control point, control point, end) of the Bézier curve from each point to the next."""
    last = len(points) - 1
    for index in range(last):
        start, end = points[index], points[index + 1]
        leave, arrive = _tangent(points, index), _tangent(points, index + 1)
        pull = _pull(start, end, is_outer=index == 0 or index + 1 == last)
        yield (
            (start[0] + leave[0] * pull, start[1] + leave[1] * pull),
            (end[0] - arrive[0] * pull, end[1] - arrive[1] * pull),
            end,
        )


def _tangent(points: Sequence[Point], index: int) -> tuple[float, float]:
    """Return the unit tangent at a point: parallel to the line between the previous and next point.

    The tangent is horizontal at the first and at the last point.
    """
    if index in (0, len(points) - 1):
        return 1.0, 0.0
    across = points[index + 1][0] - points[index - 1][0]
    down = points[index + 1][1] - points[index - 1][1]
    length = hypot(across, down)
    return (across / length, down / length) if length else (1.0, 0.0)


def _pull(start: Point, end: Point, is_outer: bool) -> float:
    """Return the distance between each end of a segment and the control point of this end.

    `is_outer` is True for the first and the last segment of a wire.
    """
    across, down = end[0] - start[0], abs(end[1] - start[1])
    if not is_outer:
        return hypot(across, down) / 3
    if across >= 0:
        return min(max(across / 2, min(_MIN_PULL, down)), _MAX_PULL)
    # A wire from right to left makes a loop that is visible on both sides.
    return min(_MIN_PULL * 2 - across * 0.45, _MAX_LOOP_PULL)

"""The line that wires follow: level where it leaves and arrives, smooth through points between."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

_SHORTEST, _LONGEST, _FARTHEST = 24.0, 150.0, 420.0


def through(points: Sequence[QPointF]) -> QPainterPath:
    """Answer a smooth line through points of the scene, leaving and arriving from left to right."""
    path = QPainterPath(points[0])
    last = len(points) - 1
    for at in range(last):
        here, there = points[at], points[at + 1]
        leave = _slope(points, at)
        arrive = _slope(points, at + 1)
        pull = _pull(here, there, level=at == 0 or at + 1 == last)
        path.cubicTo(
            here.x() + leave[0] * pull,
            here.y() + leave[1] * pull,
            there.x() - arrive[0] * pull,
            there.y() - arrive[1] * pull,
            there.x(),
            there.y(),
        )
    return path


def _slope(points: Sequence[QPointF], at: int) -> tuple[float, float]:
    if at in (0, len(points) - 1):
        return 1.0, 0.0
    across = points[at + 1].x() - points[at - 1].x()
    down = points[at + 1].y() - points[at - 1].y()
    length = hypot(across, down)
    return (across / length, down / length) if length else (1.0, 0.0)


def _pull(here: QPointF, there: QPointF, level: bool) -> float:
    across, down = there.x() - here.x(), abs(there.y() - here.y())
    if not level:
        return hypot(across, down) / 3
    if across >= 0:
        return min(max(across / 2, min(_SHORTEST, down)), _LONGEST)
    # Going back, it swings out far enough to be seen on both sides.
    return min(_SHORTEST * 2 - across * 0.45, _FARTHEST)

"""The line that wires follow, as Qt draws it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from engine.diagram.wire_curve import cubics


def through(points: Sequence[QPointF]) -> QPainterPath:
    """Return a smooth line through points of the scene, leaving and arriving from left to right."""
    path = QPainterPath(points[0])
    for (x1, y1), (x2, y2), (x, y) in cubics([(point.x(), point.y()) for point in points]):
        path.cubicTo(x1, y1, x2, y2, x, y)
    return path

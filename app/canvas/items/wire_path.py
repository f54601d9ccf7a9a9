"""The curve of a wire as a QPainterPath."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from engine.diagram.wire_curve import cubic_segments


def wire_path(points: Sequence[QPointF]) -> QPainterPath:
    """Return a smooth curve through scene points, horizontal at both ends."""
    path = QPainterPath(points[0])
    for (x1, y1), (x2, y2), (x, y) in cubic_segments([(point.x(), point.y()) for point in points]):
        path.cubicTo(x1, y1, x2, y2, x, y)
    return path

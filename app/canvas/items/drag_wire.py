"""The wire that follows the pointer while connecting, and the curve of all wires."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem

from app.canvas.drawing.paint import DASHED, NO_BRUSH, round_pen
from app.canvas.drawing.pens import CanvasStyle, canvas_style
from app.theme.theme import Theme
from engine.diagram.wire_curve import cubic_segments

MARGIN = 8.0
_ABOVE_NODES = 4


class DragWireItem(QGraphicsPathItem):
    """The wire between a port and the pointer while connecting."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._canvas_style: CanvasStyle = canvas_style(theme)
        self.family = ""
        self._is_valid: bool | None = None
        self.setZValue(_ABOVE_NODES)
        self.setVisible(False)

    def draw(self, points: Sequence[QPointF], is_valid: bool | None) -> None:
        """Draw the wire between two scene positions. The first one is the output end of the wire.

        `is_valid` is whether the wire can be connected to the port under the pointer, None if there
        is no port.
        """
        self._is_valid = is_valid
        self.setPath(wire_path(points))
        self.setVisible(True)
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(self.path().controlPointRect().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN))

    def shape(self) -> QPainterPath:
        """Return an empty path, so that the pointer reaches the items below."""
        return QPainterPath()

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        style = self._canvas_style
        color = style.accent if self._is_valid else style.family_style(self.family).wire_pen.color()
        if self._is_valid is False:
            painter.setPen(round_pen(style.danger, 2.4, DASHED))
        else:
            painter.setPen(round_pen(color, 3 if self._is_valid else 2.4))
        painter.setBrush(NO_BRUSH)
        painter.drawPath(self.path())


def wire_path(points: Sequence[QPointF]) -> QPainterPath:
    """Return a smooth curve through scene points, horizontal at both ends."""
    path = QPainterPath(points[0])
    for (x1, y1), (x2, y2), (x, y) in cubic_segments([(point.x(), point.y()) for point in points]):
        path.cubicTo(x1, y1, x2, y2, x, y)
    return path

"""The canvas background: fill color and a grid of dots."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from app.theme.theme import Theme

_GRID = 20
_DOT_SIZE = 2.0


def paint_background(
    painter: QPainter, theme: Theme, rect: QRectF, zoom: float, ratio: float = 1.0
) -> None:
    """Fill the background and draw grid dots that are at least about 20 screen pixels apart.

    Args:
        painter: a painter in scene coordinates.
        rect: the scene rectangle to paint.
        zoom: screen pixels per scene unit.
        ratio: image pixels per screen pixel.
    """
    painter.fillRect(rect, theme.color("canvas"))
    step = float(_GRID)  # doubled while the dots would be too dense on the screen
    while step * zoom < 0.9 * _GRID:
        step *= 2
    left, top = rect.left() - rect.left() % step, rect.top() - rect.top() % step
    dots = [
        QPointF(left + column * step, top + row * step)
        for row in range(int(rect.height() / step) + 2)
        for column in range(int(rect.width() / step) + 2)
    ]
    pen = QPen(theme.color("grid"), _DOT_SIZE * ratio)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.drawPoints(dots)

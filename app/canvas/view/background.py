"""What lies behind all nodes: the canvas' colour, and dots that let one see how far a drag goes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from app.theme.theme import Theme

_GRID = 20
_DOT = 2.0


def paint_backdrop(
    painter: QPainter, theme: Theme, rect: QRectF, zoom: float, ratio: float = 1.0
) -> None:
    """Paint dots, never nearer to each other than some twenty pixels.

    Args:
        painter: in the coordinates of the scene.
        theme: the colours.
        rect: the part of the scene to paint.
        zoom: how large a scene unit is seen.
        ratio: dots of the picture to a pixel that is seen.
    """
    painter.fillRect(rect, theme.color("canvas"))
    step = float(_GRID)
    while step * zoom < 0.9 * _GRID:
        step *= 2
    left, top = rect.left() - rect.left() % step, rect.top() - rect.top() % step
    across = int(rect.width() / step) + 2
    down = int(rect.height() / step) + 2
    dots = [
        QPointF(left + column * step, top + row * step)
        for row in range(down)
        for column in range(across)
    ]
    pen = QPen(theme.color("grid"), _DOT * ratio)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.drawPoints(dots)

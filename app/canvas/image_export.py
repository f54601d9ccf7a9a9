"""The whole graph as an image, on the background that the canvas has."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.canvas.drawing.paint import ANTIALIASING
from app.canvas.scene_sync import Picture
from app.canvas.view.background import paint_backdrop
from app.theme.theme import Theme

_MARGIN = 40
_MOST_WIDE, _MOST_DOTS = 16_000, 64_000_000  # larger pictures are shown by few programs


def image_of(picture: Picture, theme: Theme, scale: float) -> QImage:
    """Return all that is drawn as an image.

    Args:
        picture: of the graph.
        theme: the colours.
        scale: dots to a unit of the scene; fewer where the image would be too large.
    """
    rect = picture.drawn_rect().adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
    scale = min(
        scale,
        _MOST_WIDE / max(rect.width(), rect.height()),
        (_MOST_DOTS / (rect.width() * rect.height())) ** 0.5,
    )
    image = QImage((rect.size() * scale).toSize(), QImage.Format.Format_ARGB32)
    image.fill(theme.color("canvas"))
    painter = QPainter(image)
    painter.setRenderHint(ANTIALIASING)
    painter.save()
    painter.scale(scale, scale)
    painter.translate(-rect.topLeft())
    paint_backdrop(painter, theme, rect, min(scale, 1.0), max(scale, 1.0))
    painter.restore()
    picture.viewer.scene().render(painter, QRectF(image.rect()), rect)
    painter.end()
    return image

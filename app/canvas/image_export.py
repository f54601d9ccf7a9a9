"""Export of the whole graph as an image."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.canvas.drawing.paint import ANTIALIASING
from app.canvas.scene_sync import SceneSync
from app.canvas.view.background import paint_background
from app.theme.theme import Theme

_MARGIN = 40
_MAX_SIDE, _MAX_PIXELS = 16_000, 64_000_000  # few programs can show larger images


def render_image(scene_sync: SceneSync, theme: Theme, scale: float) -> QImage:
    """Render all nodes, wires and frames to an image, with the canvas background.

    `scale` is the number of pixels per scene unit. It is reduced if the image would be too large.
    """
    rect = scene_sync.visible_items_rect().adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
    scale = min(
        scale,
        _MAX_SIDE / max(rect.width(), rect.height()),
        (_MAX_PIXELS / (rect.width() * rect.height())) ** 0.5,
    )
    image = QImage((rect.size() * scale).toSize(), QImage.Format.Format_ARGB32)
    image.fill(theme.color("canvas"))
    painter = QPainter(image)
    painter.setRenderHint(ANTIALIASING)
    painter.save()
    painter.scale(scale, scale)
    painter.translate(-rect.topLeft())
    paint_background(painter, theme, rect, min(scale, 1.0), max(scale, 1.0))
    painter.restore()
    scene_sync.viewer.scene().render(painter, QRectF(image.rect()), rect)
    painter.end()
    return image

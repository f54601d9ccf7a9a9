"""Export of the whole graph as an image."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from app.canvas.drawing.paint import ANTIALIASING
from app.canvas.scene_sync import SceneSync
from app.canvas.view.background import paint_background
from app.theme.theme import Theme

_MARGIN = 40
_MAX_SIDE, _MAX_PIXELS = 16_000, 64_000_000  # few programs can show larger images


def render_image(scene_sync: SceneSync, theme: Theme, scale: float, legend: str = "") -> QImage:
    """Render all items to an image, with the canvas background.

    `scale` is the number of pixels per scene unit. It is reduced if the image would be too large.
    `legend` is an SVG image that is drawn below the items.
    """
    drawing = scene_sync.visible_items_rect().adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
    rect, renderer = QRectF(drawing), QSvgRenderer(legend.encode())
    corner = drawing.bottomLeft() + QPointF(_MARGIN, 0)
    legend_rect = QRectF(corner, QSizeF(renderer.defaultSize()))
    if legend:
        rect |= legend_rect.adjusted(-_MARGIN, 0, _MARGIN, _MARGIN)
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
    paint_background(painter, theme, drawing, min(scale, 1.0), max(scale, 1.0))
    if legend:
        renderer.render(painter, legend_rect)
    painter.restore()
    target = QRectF(QPointF(), drawing.size() * scale)
    scene_sync.viewer.scene().render(painter, target, drawing)
    painter.end()
    return image

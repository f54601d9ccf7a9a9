"""The label of a wire: its tensor shape, shown above all items while the wire is hovered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.pens import CanvasStyle
from app.canvas.drawing.text_fit import TextRun, draw_text, elide, single_line, text_width
from app.canvas.items.node_layout import CHIP_PADDING

_MAX_WIDTH, _HEIGHT = 260, 20
_Z_TOP = 5
_KEEPS_SIZE = QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations


class WireLabel(QGraphicsItem):
    """A text label that ignores the pointer, can't be selected, and keeps its size when zoomed.

    `is_free` returns whether the label may cover a scene rectangle.
    """

    def __init__(self, style: CanvasStyle, text: str, is_free: Callable[[QRectF], bool]) -> None:
        super().__init__()
        self._canvas_style, self._is_free = style, is_free
        text = elide("chip", single_line(text), _MAX_WIDTH)
        width = text_width("chip", text) + 2 * CHIP_PADDING
        self._box = QRectF(-width / 2, -_HEIGHT / 2, width, _HEIGHT)
        self._text = TextRun(text, QPointF(self._box.left() + CHIP_PADDING, 4))
        self.setZValue(_Z_TOP)
        self.setFlag(_KEEPS_SIZE, True)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    @property
    def has_space(self) -> bool:
        """Whether the label has enough space at its position and the current zoom."""
        size = self._box.size() / view_zoom(self)
        box = QRectF(QPointF(-size.width() / 2, -size.height() / 2), size)
        return self._is_free(box.translated(self.pos()))

    def boundingRect(self) -> QRectF:
        return self._box.adjusted(-2, -2, 2, 2)

    def shape(self) -> QPainterPath:
        """Return an empty path, so that the pointer reaches the items below."""
        return QPainterPath()

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        if not self.has_space:
            return
        style = self._canvas_style
        painter.setPen(style.border_pen)
        painter.setBrush(style.chip_brush)
        painter.drawRoundedRect(self._box, 10, 10)
        painter.setPen(style.shape)
        draw_text(painter, "chip", self._text)


def view_zoom(item: QGraphicsItem) -> float:
    """Return the zoom of the view that shows an item, 1.0 without a view."""
    views = item.scene().views() if item.scene() is not None else []
    return float(views[0].transform().m11()) if views else 1.0

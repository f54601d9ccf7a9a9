"""The shape that flows along a wire, on a chip above everything while the pointer is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.pens import Look
from app.canvas.drawing.text_fit import Words, cut, draw_words, one_line, width_of
from app.canvas.items.node_layout import CHIP_PAD

_MOST, _HIGH = 260, 20
_ABOVE_ALL = 5
_KEEPS_SIZE = QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations


class Tag(QGraphicsItem):
    """A chip that is in nobody's way: neither pointer nor selection finds it.

    Args:
        look: its colours.
        text: what it says.
        has_room: answers whether nothing that must be seen lies in a rectangle of the scene.
    """

    def __init__(self, look: Look, text: str, has_room: Callable[[QRectF], bool]) -> None:
        super().__init__()
        self._look, self._has_room = look, has_room
        text = cut("chip", one_line(text), _MOST)
        wide = width_of("chip", text) + 2 * CHIP_PAD
        self._box = QRectF(-wide / 2, -_HIGH / 2, wide, _HIGH)
        self._words = Words(text, QPointF(self._box.left() + CHIP_PAD, 4))
        self.setZValue(_ABOVE_ALL)
        self.setFlag(_KEEPS_SIZE, True)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    @property
    def fits(self) -> bool:
        """Whether there is room for it where it stands, at the zoom of the view."""
        views = self.scene().views() if self.scene() is not None else []
        zoom = float(views[0].transform().m11()) if views else 1.0
        size = self._box.size() / zoom
        box = QRectF(QPointF(-size.width() / 2, -size.height() / 2), size)
        return self._has_room(box.translated(self.pos()))

    def boundingRect(self) -> QRectF:
        """Return all that may be painted."""
        return self._box.adjusted(-2, -2, 2, 2)

    def shape(self) -> QPainterPath:
        """Return what the pointer finds."""
        return QPainterPath()

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint it, where there is room at this zoom."""
        if not self.fits:
            return
        look = self._look
        painter.setPen(look.edge)
        painter.setBrush(look.chip)
        painter.drawRoundedRect(self._box, 10, 10)
        painter.setPen(look.shape)
        draw_words(painter, "chip", self._words)

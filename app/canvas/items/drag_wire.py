"""A bare wire, and the one that follows the pointer."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.nodegraphqt import PipeItem
from app.canvas.drawing.paint import DASHED, NO_BRUSH, line
from app.canvas.drawing.pens import Look, look_of
from app.canvas.items.wire_path import through
from app.theme.theme import Theme

MARGIN = 8.0
_ABOVE_NODES = 4
_BELOW_NODES = -1


class Line(PipeItem):
    """NodeGraphQt's pipe without its arrow and its styles."""

    def __init__(self) -> None:
        super(PipeItem, self).__init__()  # past its own, which makes an arrow for each
        self.setZValue(_BELOW_NODES)
        self.setAcceptHoverEvents(True)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self._active = self._highlight = False
        self._input_port: Any = None
        self._output_port: Any = None

    def reset(self) -> None:
        """Keep no style of NodeGraphQt's."""

    def set_pipe_styling(self, color: Any, width: int = 2, style: int = 0) -> None:
        """Keep no style of NodeGraphQt's."""

    def _draw_direction_pointer(self) -> None:
        """Draw no arrow: wires run from left to right."""


class LiveWire(Line):
    """The wire that follows the pointer.

    Args:
        theme: its colours.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._look: Look = look_of(theme)
        self.family = ""
        self._fits: bool | None = None
        self.setZValue(_ABOVE_NODES)
        self.setAcceptHoverEvents(False)
        self.setVisible(False)

    def draw(
        self, from_point: QPointF, to_point: QPointF, ok: bool | None, backward: bool = False
    ) -> None:
        """Lead it from where it was pulled out to the pointer.

        Args:
            from_point, to_point: of the scene.
            ok: whether it may end here; None over nothing.
            backward: pulled out of an input.
        """
        self._fits = ok
        ends = [to_point, from_point] if backward else [from_point, to_point]
        self.setPath(through(ends))
        self.setVisible(True)
        self.update()

    def boundingRect(self) -> QRectF:
        """Return all that may be painted."""
        return QRectF(self.path().controlPointRect().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN))

    def shape(self) -> QPainterPath:
        """Return what the pointer finds."""
        return QPainterPath()

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint it."""
        look = self._look
        color = look.accent if self._fits else look.tint(self.family).wire.color()
        if self._fits is False:
            painter.setPen(line(look.danger, 2.4, DASHED))
        else:
            painter.setPen(line(color, 3 if self._fits else 2.4))
        painter.setBrush(NO_BRUSH)
        painter.drawPath(self.path())

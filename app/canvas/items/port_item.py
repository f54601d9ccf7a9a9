"""The graphics item of a port. The node paints it normally; highlighted, it paints itself."""

from __future__ import annotations

from typing import Any, Literal

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.nodegraphqt import OUT, BasePortItem
from app.canvas.drawing.paint import NO_PEN, round_pen, with_alpha
from app.canvas.drawing.pens import CanvasStyle
from app.canvas.items.node_view import PortSlot
from app.text.phrases import plain_tooltip

PortHighlight = Literal["", "fits", "dim", "target", "refused"]

PORT_SIZE = 28
PORT_CENTER = PORT_SIZE / 2
PORT_RADIUS, OPTIONAL_PORT_RADIUS, HIGHLIGHTED_PORT_RADIUS = 6.0, 5.0, 7.5
_CENTRE = QPointF(PORT_CENTER, PORT_CENTER)
_BOX = QRectF(0, 0, PORT_SIZE, PORT_SIZE)
_HIT_BOX = QRectF(0, 2, PORT_SIZE, PORT_SIZE - 4)
_HAS_NO_CONTENTS = QGraphicsItem.GraphicsItemFlag.ItemHasNoContents
_ABOVE = 2  # z value, above the node


class PortItem(BasePortItem):
    """The item of a slot, as a NodeGraphQt port item.

    Args:
        node: the NodeItem that it belongs to.
        slot: the slot that it represents.
        side: IN or OUT.
    """

    def __init__(self, node: Any, slot: PortSlot, side: str) -> None:
        # Skip BasePortItem.__init__, which enables a pixmap cache and move notifications per port.
        # Moves are handled once, by the node.
        super(BasePortItem, self).__init__(node)
        self.setFlags(_HAS_NO_CONTENTS)
        self.setAcceptHoverEvents(True)
        self.setZValue(_ABOVE)
        self._node = node
        self._pipes: list[Any] = []
        self._locked = False
        self._port_type = side
        self._multi_connection = side == OUT
        self._light: PortHighlight = ""
        self._hovered = self._has_contents = False
        self._shape = ""
        self.slot = slot

    @property
    def node(self) -> Any:
        """The NodeItem that it belongs to, cached because parentItem() is slow."""
        return self._node

    @property
    def slot(self) -> PortSlot:
        """The slot that it represents."""
        return self._slot

    @slot.setter
    def slot(self, slot: PortSlot) -> None:
        self._slot = slot
        self.name = slot.port if slot.index is None else f"{slot.port}.{slot.index}"

    @property
    def side(self) -> str:
        """IN or OUT."""
        return str(self._port_type)

    @property
    def key(self) -> tuple[str, str, int | None]:
        """Its identity among the ports of its node."""
        return (self.side, self._slot.port, self._slot.index)

    @property
    def reference(self) -> str:
        """Its name as a source of wires: "conv", or "lstm.state_h"."""
        node = str(self.node.id)
        return f"{node}.{self._slot.port}" if self._slot.port and self.side == OUT else node

    @property
    def center(self) -> QPointF:
        """The end point of wires, in scene coordinates."""
        return QPointF(self.mapToScene(_CENTRE))

    @property
    def is_wired(self) -> bool:
        """Whether a wire is connected."""
        return bool(self._pipes)

    @property
    def highlight(self) -> PortHighlight:
        """Its highlight while a wire is dragged."""
        return self._light

    @highlight.setter
    def highlight(self, light: PortHighlight) -> None:
        if light != self._light:
            self._light = light
            self._update_painting()

    @property
    def hovered(self) -> bool:
        """Whether the pointer is on it."""
        return bool(self._hovered)

    @hovered.setter
    def hovered(self, value: bool) -> None:
        if value != self._hovered:
            self._hovered = value
            self._update_painting()

    @property
    def paints_itself(self) -> bool:
        """Whether it paints itself instead of being painted by the node."""
        return self._hovered or self._light not in ("", "dim")

    def move_center_to(self, centre: QPointF) -> None:
        """Move its center to a point in node coordinates."""
        self.setPos(centre.x() - PORT_CENTER, centre.y() - PORT_CENTER)

    @property
    def tooltip_text(self) -> str:
        """The tool tip: its name, and its shape if known."""
        name = self._slot.label or self._slot.port or ("output" if self.side == OUT else "input")
        return f"{name}: {self._shape}" if self._shape else name

    def set_shape(self, shape: str) -> None:
        """Set the shape that the tool tip shows."""
        self._shape = shape

    def add_pipe(self, pipe: Any) -> None:
        """Add a connected wire."""
        super().add_pipe(pipe)
        self._update_painting()

    def remove_pipe(self, pipe: Any) -> None:
        """Remove a connected wire."""
        if pipe in self._pipes:
            super().remove_pipe(pipe)
            self._update_painting()

    def hoverEnterEvent(self, event: Any) -> None:
        """Set the tool tip and highlight the port."""
        self.setToolTip(plain_tooltip(self.tooltip_text))
        self.hovered = True

    def hoverLeaveEvent(self, event: Any) -> None:
        """Remove the hover highlight."""
        self.hovered = False

    def mousePressEvent(self, event: Any) -> None:
        """Accept the press, else the node below would be dragged."""
        event.accept()

    def boundingRect(self) -> QRectF:
        """Return the painted area."""
        return _BOX

    def shape(self) -> QPainterPath:
        """Return the area that accepts the pointer."""
        path = QPainterPath()
        path.addRect(_HIT_BOX)
        return path

    def contains(self, point: QPointF) -> bool:
        """Return whether a point lies in the area that accepts the pointer."""
        return _HIT_BOX.contains(point)

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint the highlighted port."""
        look: CanvasStyle = self.node.style
        color = {"target": look.accent, "refused": look.danger}.get(
            self._light, self.node.family_style.fill.color()
        )
        painter.setPen(NO_PEN)
        painter.setBrush(with_alpha(color, 70))
        painter.drawEllipse(_CENTRE, 13.0, 13.0)
        painter.setPen(round_pen(look.canvas, 2))
        painter.setBrush(color)
        painter.drawEllipse(_CENTRE, HIGHLIGHTED_PORT_RADIUS, HIGHLIGHTED_PORT_RADIUS)
        if self._light == "refused":
            _draw_cross(painter, look)

    def _update_painting(self) -> None:
        if self._has_contents != self.paints_itself:
            self._has_contents = not self._has_contents
            self.setFlag(_HAS_NO_CONTENTS, not self._has_contents)
        if self._has_contents:
            self.update()
        self.node.update()


def _draw_cross(painter: QPainter, look: CanvasStyle) -> None:
    painter.setPen(round_pen(look.on_status, 2))
    radius = 2.6
    for sign in (1, -1):
        painter.drawLine(
            QPointF(PORT_CENTER - radius, PORT_CENTER - radius * sign),
            QPointF(PORT_CENTER + radius, PORT_CENTER + radius * sign),
        )

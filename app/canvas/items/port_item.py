"""A place on a node where wires begin or end. At rest the node paints it; lit, it paints itself."""

from __future__ import annotations

from typing import Any, Literal

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.nodegraphqt import OUT, PortItem
from app.canvas.drawing.paint import NO_PEN, faded, line
from app.canvas.drawing.pens import Look
from app.canvas.items.node_view import Slot
from app.text.phrases import plain_tip

Light = Literal["", "fits", "dim", "target", "refused"]

SIZE = 28
MIDDLE = SIZE / 2
REST, SPARE, LIT = 6.0, 5.0, 7.5
_CENTRE = QPointF(MIDDLE, MIDDLE)
_BOX = QRectF(0, 0, SIZE, SIZE)
_TOUCHED = QRectF(0, 2, SIZE, SIZE - 4)
_NOTHING = QGraphicsItem.GraphicsItemFlag.ItemHasNoContents
_ABOVE = 2  # the node that it stands on


class Place(PortItem):
    """One slot of a node as NodeGraphQt's port: what the pointer finds, and what wires end at.

    Args:
        node: the NodeItem that it belongs to.
        slot: what it stands for.
        side: IN or OUT.
    """

    def __init__(self, node: Any, slot: Slot, side: str) -> None:
        # Past NodeGraphQt's port, which sets up what we would undo: a picture of each, and that
        # each port tells when it moves. The node does, once for all.
        super(PortItem, self).__init__(node)
        self.setFlags(_NOTHING)
        self.setAcceptHoverEvents(True)
        self.setZValue(_ABOVE)
        self._node = node
        self._pipes: list[Any] = []
        self._locked = False
        self._port_type = side
        self._multi_connection = side == OUT
        self._light: Light = ""
        self._hovered = self._lit = False
        self._shape = ""
        self.slot = slot

    @property
    def node(self) -> Any:
        """The NodeItem that it belongs to; Qt is not asked for it, ten times for each wire."""
        return self._node

    @property
    def slot(self) -> Slot:
        """What it stands for."""
        return self._slot

    @slot.setter
    def slot(self, slot: Slot) -> None:
        self._slot = slot
        self.name = slot.port if slot.place is None else f"{slot.port}.{slot.place}"

    @property
    def side(self) -> str:
        """IN or OUT."""
        return str(self._port_type)

    @property
    def key(self) -> tuple[str, str, int | None]:
        """What tells it from the node's other places."""
        return (self.side, self._slot.port, self._slot.place)

    @property
    def reference(self) -> str:
        """What a wire from here is called in the graph: "conv", or "lstm.state_h"."""
        node = str(self.node.id)
        return f"{node}.{self._slot.port}" if self._slot.port and self.side == OUT else node

    @property
    def centre(self) -> QPointF:
        """Where wires end, in the scene."""
        return QPointF(self.mapToScene(_CENTRE))

    @property
    def wired(self) -> bool:
        """Whether a wire ends here."""
        return bool(self._pipes)

    @property
    def light(self) -> Light:
        """How it looks while a wire is dragged."""
        return self._light

    @light.setter
    def light(self, light: Light) -> None:
        if light != self._light:
            self._light = light
            self._show_state()

    @property
    def hovered(self) -> bool:
        """Whether the pointer is on it."""
        return bool(self._hovered)

    @hovered.setter
    def hovered(self, value: bool) -> None:
        if value != self._hovered:
            self._hovered = value
            self._show_state()

    @property
    def paints_itself(self) -> bool:
        """Whether the node leaves it out."""
        return self._hovered or self._light not in ("", "dim")

    def stand_at(self, centre: QPointF) -> None:
        """Move to where its centre is this point of the node."""
        self.setPos(centre.x() - MIDDLE, centre.y() - MIDDLE)

    @property
    def tip(self) -> str:
        """Its name, and the shape if known: the tool tip."""
        name = self._slot.label or self._slot.port or ("output" if self.side == OUT else "input")
        return f"{name}: {self._shape}" if self._shape else name

    def set_tip(self, shape: str) -> None:
        """Tell this shape on hover."""
        self._shape = shape

    def add_pipe(self, pipe: Any) -> None:
        """Take a wire."""
        super().add_pipe(pipe)
        self._show_state()

    def remove_pipe(self, pipe: Any) -> None:
        """Let a wire go."""
        if pipe in self._pipes:
            super().remove_pipe(pipe)
            self._show_state()

    def hoverEnterEvent(self, event: Any) -> None:
        """Stand out."""
        self.setToolTip(plain_tip(self.tip))
        self.hovered = True

    def hoverLeaveEvent(self, event: Any) -> None:
        """Be as before."""
        self.hovered = False

    def mousePressEvent(self, event: Any) -> None:
        """Keep the press, else the node below would be dragged."""
        event.accept()

    def boundingRect(self) -> QRectF:
        """Return all that may be painted."""
        return _BOX

    def shape(self) -> QPainterPath:
        """Return what the pointer finds."""
        path = QPainterPath()
        path.addRect(_TOUCHED)
        return path

    def contains(self, point: QPointF) -> bool:
        """Return whether the pointer finds it there."""
        return _TOUCHED.contains(point)

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint it."""
        look: Look = self.node.look
        color = {"target": look.accent, "refused": look.danger}.get(
            self._light, self.node.tint.fill.color()
        )
        painter.setPen(NO_PEN)
        painter.setBrush(faded(color, 70))
        painter.drawEllipse(_CENTRE, 13.0, 13.0)
        painter.setPen(line(look.canvas, 2))
        painter.setBrush(color)
        painter.drawEllipse(_CENTRE, LIT, LIT)
        if self._light == "refused":
            _draw_cross(painter, look)

    def _show_state(self) -> None:
        if self._lit != self.paints_itself:
            self._lit = not self._lit
            self.setFlag(_NOTHING, not self._lit)
        if self._lit:
            self.update()
        self.node.update()


def _draw_cross(painter: QPainter, look: Look) -> None:
    painter.setPen(line(look.on_status, 2))
    reach = 2.6
    for sign in (1, -1):
        painter.drawLine(
            QPointF(MIDDLE - reach, MIDDLE - reach * sign),
            QPointF(MIDDLE + reach, MIDDLE + reach * sign),
        )

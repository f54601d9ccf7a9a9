"""The graphics item of a port. The node paints it; only a highlighted port paints itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.nodegraphqt import OUT, BasePortItem
from app.canvas.drawing.paint import draw_cross, draw_highlighted_port
from app.canvas.drawing.pens import CanvasStyle, FamilyStyle
from app.canvas.items.node_view import NodeViewModel, PortSlot
from app.canvas.items.wire_id import WireId
from app.text.phrases import plain_tooltip

PortHighlight = Literal["", "fits", "dim", "target", "rejected"]

PORT_SIZE = 28
PORT_CENTER = PORT_SIZE / 2
PORT_RADIUS, OPTIONAL_PORT_RADIUS, HIGHLIGHTED_PORT_RADIUS = 6.0, 5.0, 7.5
_CENTER = QPointF(PORT_CENTER, PORT_CENTER)
_BOX = QRectF(0, 0, PORT_SIZE, PORT_SIZE)
_HIT_BOX = QRectF(0, 2, PORT_SIZE, PORT_SIZE - 4)
_HAS_NO_CONTENTS = QGraphicsItem.GraphicsItemFlag.ItemHasNoContents
_ABOVE = 2  # a z value above the node


class PortOwner(Protocol):
    """The interface of the node item that a port belongs to."""

    id: str
    style: CanvasStyle
    highlight: Literal["", "dim"]
    inputs: list[PortItem]
    outputs: list[PortItem]
    scene_rect: QRectF

    @property
    def view_model(self) -> NodeViewModel: ...
    @property
    def family_style(self) -> FamilyStyle: ...
    def isSelected(self) -> bool: ...
    def isVisible(self) -> bool: ...
    def update(self) -> None: ...


class ConnectedWire(Protocol):
    """The interface of a wire item that is connected to a port."""

    label: str

    def update_path(self) -> None: ...
    def follow_selection(self) -> None: ...
    def delete(self) -> None: ...


class PortItem(BasePortItem):
    """The graphics item of one connection point (slot) of a node; `side` is IN or OUT.

    `shape_text` is the tensor shape at the port, "" if unknown.
    """

    def __init__(self, node: PortOwner, slot: PortSlot, side: str) -> None:
        # Skip BasePortItem.__init__, which enables a pixmap cache and move notifications per port.
        # Moves are handled once, by the node.
        super(BasePortItem, self).__init__(node)
        self.setFlags(_HAS_NO_CONTENTS)
        self.setAcceptHoverEvents(True)
        self.setZValue(_ABOVE)
        self._node = node
        self._pipes: list[ConnectedWire] = []
        self._port_type = side
        self._highlight: PortHighlight = ""
        self._hovered = self._has_contents = False
        self.shape_text = ""
        self._local_center = _CENTER
        self.slot = slot
        self.name = slot.port

    @property
    def node(self) -> PortOwner:
        """The node item that the port belongs to, cached because parentItem() is slow."""
        return self._node

    @property
    def side(self) -> str:
        return str(self._port_type)

    @property
    def key(self) -> tuple[str, str, int | None]:
        """The side, port name and wire index, which identify the port within its node."""
        return (self.side, self.slot.port, self.slot.index)

    @property
    def reference(self) -> str:
        """The name of an output port as the source of wires: "conv" or "lstm.state_h"."""
        node = self._node.id
        return f"{node}.{self.slot.port}" if self.slot.port and self.side == OUT else node

    @property
    def wire_id(self) -> WireId:
        """The identifier for a wire to this input port, whether or not the port is connected."""
        return WireId(self._node.id, self.slot.port, self.slot.index)

    @property
    def wires(self) -> Sequence[ConnectedWire]:
        return self._pipes

    @property
    def center(self) -> QPointF:
        """The center of the port, where wires end, in scene coordinates."""
        return QPointF(self.mapToScene(_CENTER))

    @property
    def is_wired(self) -> bool:
        return bool(self._pipes)

    @property
    def highlight(self) -> PortHighlight:
        return self._highlight

    @highlight.setter
    def highlight(self, highlight: PortHighlight) -> None:
        if highlight != self._highlight:
            self._highlight = highlight
            self._update_painting()

    @property
    def hovered(self) -> bool:
        return bool(self._hovered)

    @hovered.setter
    def hovered(self, value: bool) -> None:
        if value != self._hovered:
            self._hovered = value
            self._update_painting()

    @property
    def paints_itself(self) -> bool:
        """Whether the port paints itself instead of being painted by the node."""
        return self._hovered or self._highlight not in ("", "dim")

    def move_center_to(self, center: QPointF) -> None:
        """Move the center of the port, and the ends of its wires, to a point of the node."""
        if center != self._local_center:
            self._local_center = center
            self.setPos(center.x() - PORT_CENTER, center.y() - PORT_CENTER)
            for wire in self._pipes:
                wire.update_path()

    @property
    def tooltip_text(self) -> str:
        """The tool tip: the name of the port, and its tensor shape if known."""
        name = self.slot.label or self.slot.port or ("output" if self.side == OUT else "input")
        return f"{name}: {self.shape_text}" if self.shape_text else name

    def add_pipe(self, pipe: ConnectedWire) -> None:
        super().add_pipe(pipe)
        self._update_painting()

    def remove_pipe(self, pipe: ConnectedWire) -> None:
        if pipe in self._pipes:
            super().remove_pipe(pipe)
            self._update_painting()

    def hoverEnterEvent(self, event: Any) -> None:
        self.setToolTip(plain_tooltip(self.tooltip_text))
        self.hovered = True

    def hoverLeaveEvent(self, event: Any) -> None:
        self.hovered = False

    def mousePressEvent(self, event: Any) -> None:
        """Accept the press, because otherwise Qt would drag the node below."""
        event.accept()

    def boundingRect(self) -> QRectF:
        return _BOX

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(_HIT_BOX)
        return path

    def contains(self, point: QPointF) -> bool:
        return _HIT_BOX.contains(point)

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        style = self._node.style
        color = {"target": style.accent, "rejected": style.danger}.get(
            self._highlight, self._node.family_style.fill_brush.color()
        )
        draw_highlighted_port(painter, _CENTER, HIGHLIGHTED_PORT_RADIUS, color, style.canvas)
        if self._highlight == "rejected":
            draw_cross(painter, _CENTER, style.on_status)

    def _update_painting(self) -> None:
        if self._has_contents != self.paints_itself:
            self._has_contents = not self._has_contents
            self.setFlag(_HAS_NO_CONTENTS, not self._has_contents)
        if self._has_contents:
            self.update()
        self._node.update()

"""The canvas as gestures and actions see it: its parts, hit testing and the wire selection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import hypot
from typing import Protocol

from PySide6.QtCore import QPoint, QPointF, QRectF

from app.canvas.items.frame_item import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.port_item import Place
from app.canvas.items.wire_item import WireItem
from app.canvas.scene_sync import End, Picture
from app.canvas.view.viewer import OVERVIEW, Viewer
from app.documents.session import Session

PLACE_REACH = 14  # hit radius of a port, in logical pixels
WIRE_REACH = 7
DOT_REACH = 9
DRAG_DISTANCE = 4  # a press that moves less is a click
SNAP = 10


class Hint(Protocol):
    """A text beside the pointer."""

    def say(self, text: str, position: QPoint, refused: bool = False) -> None:
        """Show a text near a viewport position."""

    def hush(self) -> None:
        """Hide the text."""


@dataclass(frozen=True)
class Wanted:
    """The position and connection of a node that is about to be added.

    Args:
        position: its position in the scene.
        source: the output to connect to its input.
        end: the input to connect its output to.
        wire: the wire to insert it into.
    """

    at: QPointF
    source: str | None = None
    end: End | None = None
    wire: End | None = None


@dataclass
class Stage:
    """The parts and the wire selection of one canvas, for gestures and actions.

    Args:
        session, viewer, picture, hint: the parts of the canvas.
        wires: the selected wires; selected nodes are kept in the session.
        on_wires_selected: called when the wire selection has changed.
    """

    session: Session
    viewer: Viewer
    picture: Picture
    hint: Hint
    wires: set[End] = field(default_factory=set)
    on_wires_selected: Callable[[], object] = lambda: None

    def scene_at(self, position: QPoint) -> QPointF:
        """Convert a viewport position to scene coordinates."""
        return QPointF(self.viewer.mapToScene(position))

    def place_at(self, position: QPoint) -> Place | None:
        """Return the nearest port within reach of a viewport position, else None."""
        if self.viewer.zoom < OVERVIEW:
            return None
        point, reach = self.scene_at(position), PLACE_REACH / self.viewer.zoom
        best: tuple[float, Place] | None = None
        top_node = self.node_at(position)
        for item in self._nodes_near(point, reach):
            for port in (*item.inputs, *item.outputs):
                center = port.centre
                if top_node is not None and item is not top_node and top_node.spot.contains(center):
                    continue  # covered by another node
                distance = hypot(center.x() - point.x(), center.y() - point.y())
                if distance <= reach and (best is None or distance < best[0]):
                    best = (distance, port)
        return None if best is None else best[1]

    def node_at(self, position: QPoint) -> NodeItem | None:
        """Return the topmost node at a viewport position, else None."""
        near = self._nodes_near(self.scene_at(position), 0)
        return near[-1] if near else None

    def _nodes_near(self, point: QPointF, reach: float) -> list[NodeItem]:
        x, y = point.x(), point.y()
        near = [
            item
            for item in self.picture.nodes.values()
            if item.x() - reach <= x <= item.x() + item.width + reach
            and item.y() - reach <= y <= item.y() + item.height + reach
            and item.isVisible()
        ]
        return sorted(near, key=lambda item: item.zValue())

    def wire_at(self, position: QPoint) -> WireItem | None:
        """Return the wire at a viewport position, else None."""
        point, reach = self.scene_at(position), WIRE_REACH / self.viewer.zoom
        box = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        for wire in self.picture.wires.values():
            near = wire.isVisible() and wire.sceneBoundingRect().intersects(box)
            if near and wire.contains(point):
                return wire
        return None

    def dot_at(self, position: QPoint) -> tuple[WireItem, int] | None:
        """Return the wire and the index of the bend at a viewport position, else None."""
        point, reach = self.scene_at(position), DOT_REACH / self.viewer.zoom
        for wire in self.picture.wires.values():
            for index, (x, y) in enumerate(wire.points if wire.bendable else ()):
                if hypot(x - point.x(), y - point.y()) <= reach and wire.isVisible():
                    return wire, index
        return None

    def frame_at(self, position: QPoint) -> tuple[int, FrameItem] | None:
        """Return the index and item of the frame with title or border at a viewport position."""
        point = self.scene_at(position)
        for index, frame in reversed(list(enumerate(self.picture.frames))):
            if frame.contains(frame.mapFromScene(point)):
                return index, frame
        return None

    def select_wires(self, ends: set[End]) -> None:
        """Replace the wire selection."""
        is_changed, self.wires = ends != self.wires, ends
        for end, wire in self.picture.wires.items():
            if wire.isSelected() != (end in ends):
                wire.setSelected(end in ends)
        if is_changed:
            self.on_wires_selected()


def snapped(point: QPointF) -> tuple[float, float]:
    """Return the nearest grid position."""
    return round(point.x() / SNAP) * SNAP, round(point.y() / SNAP) * SNAP

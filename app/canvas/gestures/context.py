"""What every gesture acts on, and what lies under the pointer."""

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

PLACE_REACH = 14  # logical pixels around a port that still mean the port
WIRE_REACH = 7
DOT_REACH = 9
DRAG_DISTANCE = 4  # a press that moves less is a click
SNAP = 10


class Hint(Protocol):
    """Says something beside the pointer."""

    def say(self, text: str, at: QPoint, refused: bool = False) -> None:
        """Show a text near a place of the viewport."""

    def hush(self) -> None:
        """Say nothing any more."""


@dataclass(frozen=True)
class Wanted:
    """What a node that is about to be added shall be wired to.

    Args:
        at: where it shall stand, in the scene.
        source: the reference that shall feed it.
        end: the port that it shall feed.
        wire: the wire that it shall be put into.
    """

    at: QPointF
    source: str | None = None
    end: End | None = None
    wire: End | None = None


@dataclass
class Stage:
    """One canvas as gestures see it.

    Args:
        session, viewer, picture, hint: its parts.
        wires: the wires that are selected; nodes are the session's.
        on_wires_selected: called when they are others.
    """

    session: Session
    viewer: Viewer
    picture: Picture
    hint: Hint
    wires: set[End] = field(default_factory=set)
    on_wires_selected: Callable[[], object] = lambda: None

    def scene_at(self, at: QPoint) -> QPointF:
        """Return the place of the scene under a place of the viewport."""
        return QPointF(self.viewer.mapToScene(at))

    def place_at(self, at: QPoint) -> Place | None:
        """Return the nearest port under the pointer."""
        if self.viewer.zoom < OVERVIEW:
            return None
        point, reach = self.scene_at(at), PLACE_REACH / self.viewer.zoom
        best: tuple[float, Place] | None = None
        above = self.node_at(at)
        for item in self._nodes_near(point, reach):
            for place in (*item.inputs, *item.outputs):
                centre = place.centre
                if above is not None and item is not above and above.spot.contains(centre):
                    continue  # it lies below another node
                distance = hypot(centre.x() - point.x(), centre.y() - point.y())
                if distance <= reach and (best is None or distance < best[0]):
                    best = (distance, place)
        return None if best is None else best[1]

    def node_at(self, at: QPoint) -> NodeItem | None:
        """Return the uppermost node under the pointer."""
        near = self._nodes_near(self.scene_at(at), 0)
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

    def wire_at(self, at: QPoint) -> WireItem | None:
        """Return the wire under the pointer."""
        point, reach = self.scene_at(at), WIRE_REACH / self.viewer.zoom
        box = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        for wire in self.picture.wires.values():
            near = wire.isVisible() and wire.sceneBoundingRect().intersects(box)
            if near and wire.contains(point):
                return wire
        return None

    def dot_at(self, at: QPoint) -> tuple[WireItem, int] | None:
        """Return the bend under the pointer: its wire, and which of its bends."""
        point, reach = self.scene_at(at), DOT_REACH / self.viewer.zoom
        for wire in self.picture.wires.values():
            for number, (x, y) in enumerate(wire.points if wire.bendable else ()):
                if hypot(x - point.x(), y - point.y()) <= reach and wire.isVisible():
                    return wire, number
        return None

    def frame_at(self, at: QPoint) -> tuple[int, FrameItem] | None:
        """Return the frame whose title or border is under the pointer: its number and item."""
        point = self.scene_at(at)
        for number, frame in reversed(list(enumerate(self.picture.frames))):
            if frame.contains(frame.mapFromScene(point)):
                return number, frame
        return None

    def select_wires(self, ends: set[End]) -> None:
        """Select these wires and no others."""
        others, self.wires = ends != self.wires, ends
        for end, wire in self.picture.wires.items():
            if wire.isSelected() != (end in ends):
                wire.setSelected(end in ends)
        if others:
            self.on_wires_selected()


def snapped(point: QPointF) -> tuple[float, float]:
    """Return the nearest place of the grid."""
    return round(point.x() / SNAP) * SNAP, round(point.y() / SNAP) * SNAP

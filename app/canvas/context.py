"""What gestures and actions need of a canvas: its objects, hit testing, the selected wires."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import hypot

from PySide6.QtCore import QPoint, QPointF, QRectF

from app.canvas.items.frame_item import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.note_item import NoteItem
from app.canvas.items.port_item import PortItem
from app.canvas.items.wire_id import WireId
from app.canvas.items.wire_item import WireItem
from app.canvas.scene_sync import SceneSync
from app.canvas.view.pointer_hint import PointerHint
from app.canvas.view.viewer import BULK_PAINT_ZOOM, CanvasViewer
from app.documents.session import Session

PORT_REACH = 14  # hit radius of a port, in logical pixels
WIRE_REACH = 7
BEND_REACH = 9
DRAG_DISTANCE = 4  # a press that moves less is a click
GRID_SIZE = 10


@dataclass
class CanvasContext:
    """The objects and the selected wires of one canvas that gestures and actions need.

    Args:
        pointer: the last viewport position of the pointer.
        selected_wires: the selected wires. The session keeps the selected nodes.
        on_wires_selected: called when the wire selection has changed.
    """

    session: Session
    viewer: CanvasViewer
    scene_sync: SceneSync
    hint: PointerHint
    pointer: QPoint = field(default_factory=QPoint)
    selected_wires: set[WireId] = field(default_factory=set)
    on_wires_selected: Callable[[], object] = lambda: None

    def to_scene(self, position: QPoint) -> QPointF:
        """Convert a viewport position to scene coordinates."""
        return QPointF(self.viewer.mapToScene(position))

    @property
    def is_pointer_inside(self) -> bool:
        """Whether the pointer is in the view."""
        is_inside = self.viewer.viewport().rect().contains(self.pointer)
        return is_inside and bool(self.viewer.underMouse())

    @property
    def pointer_in_scene(self) -> QPointF:
        """The scene position of the pointer, or of the center of the view if it is outside."""
        is_inside = self.is_pointer_inside
        return self.to_scene(self.pointer) if is_inside else self.viewer.visible_rect.center()

    def port_at(self, position: QPoint) -> PortItem | None:
        """Return the nearest port within reach of a viewport position, else None."""
        if self.viewer.zoom < BULK_PAINT_ZOOM:
            return None
        point, reach = self.to_scene(position), PORT_REACH / self.viewer.zoom
        best: tuple[float, PortItem] | None = None
        top_node = self.node_at(position)
        for item in self._nodes_near(point, reach):
            above = None if item is top_node else top_node
            for port in (*item.inputs, *item.outputs):
                center = port.center
                if above is not None and above.scene_rect.contains(center):
                    continue  # covered by another node
                distance = hypot(center.x() - point.x(), center.y() - point.y())
                if distance <= reach and (best is None or distance < best[0]):
                    best = (distance, port)
        return None if best is None else best[1]

    def node_at(self, position: QPoint) -> NodeItem | None:
        """Return the topmost node at a viewport position, else None."""
        near = self._nodes_near(self.to_scene(position), 0)
        return near[-1] if near else None

    def _nodes_near(self, point: QPointF, reach: float) -> list[NodeItem]:
        x, y = point.x(), point.y()
        near = [
            item
            for item in self.scene_sync.nodes.values()
            if item.x() - reach <= x <= item.x() + item.width + reach
            and item.y() - reach <= y <= item.y() + item.height + reach
            and item.isVisible()
        ]
        return sorted(near, key=lambda item: item.zValue())

    def wire_at(self, position: QPoint) -> WireItem | None:
        """Return the wire at a viewport position, else None."""
        point, reach = self.to_scene(position), WIRE_REACH / self.viewer.zoom
        box = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        for wire in self.scene_sync.wires.values():
            near = wire.isVisible() and wire.sceneBoundingRect().intersects(box)
            if near and wire.contains(point):
                return wire
        return None

    def bend_or_wire_at(self, position: QPoint) -> tuple[WireItem, int | None] | None:
        """Return the wire at a viewport position and the index of its bend there, else None.

        The index is None if the wire has no bend there.
        """
        point, reach = self.to_scene(position), BEND_REACH / self.viewer.zoom
        for wire in self.scene_sync.wires.values():
            for index, (x, y) in enumerate(wire.points if wire.is_bendable else ()):
                if hypot(x - point.x(), y - point.y()) <= reach and wire.isVisible():
                    return wire, index
        hit_wire = self.wire_at(position)
        return None if hit_wire is None else (hit_wire, None)

    def note_at(self, position: QPoint) -> tuple[int, NoteItem] | None:
        """Return the topmost note (index, item) at a viewport position, else None."""
        point = self.to_scene(position)
        for index, note in reversed(self.scene_sync.notes.items()):
            if note.scene_rect.contains(point):
                return index, note
        return None

    def frame_at(self, position: QPoint) -> tuple[int, FrameItem] | None:
        """Return the frame (index, item) with title bar or border at `position`, else None."""
        point = self.to_scene(position)
        for index, frame in reversed(list(enumerate(self.scene_sync.frames))):
            if frame.contains(frame.mapFromScene(point)):
                return index, frame
        return None

    def select_wires(self, wires: set[WireId]) -> None:
        is_changed, self.selected_wires = wires != self.selected_wires, wires
        for wire, item in self.scene_sync.wires.items():
            if item.isSelected() != (wire in wires):
                item.setSelected(wire in wires)
        if is_changed:
            self.on_wires_selected()


def snap_to_grid(point: QPointF) -> tuple[float, float]:
    """Return the x and y of the nearest grid point."""
    return round(point.x() / GRID_SIZE) * GRID_SIZE, round(point.y() / GRID_SIZE) * GRID_SIZE

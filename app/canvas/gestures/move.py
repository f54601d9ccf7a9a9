"""Gestures that move nodes, bends of wires and the view, or collapse a frame."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot

from PySide6.QtCore import QPoint, QPointF, QRectF

from app.canvas import edits
from app.canvas.gestures.context import CanvasContext, snap_to_grid
from app.canvas.gestures.gesture import Gesture, Modifiers
from app.canvas.items.wire_end import WireEnd
from app.canvas.items.wire_item import WireItem
from engine.graph.edits import node_edits
from engine.graph.edits.frame_edits import put_in_frame, set_frame, set_route
from engine.graph.model import Project
from engine.graph.view import frames, frames_by_node


class MoveGesture(Gesture):
    """Moves nodes. A single unconnected node is inserted into the wire that it is dropped on.

    Args:
        context: the canvas.
        position: the press position.
        names: the nodes to move.
        pressed: the node under the press, None for the title of a frame.
    """

    def __init__(
        self, context: CanvasContext, position: QPoint, names: Sequence[str], pressed: str | None
    ) -> None:
        super().__init__(context, position)
        self._names = [name for name in names if name in context.scene_sync.nodes]
        self._pressed = pressed
        self._start_positions = {name: context.scene_sync.nodes[name].pos() for name in self._names}
        # In scene coordinates, because the view may scroll during the drag.
        self._press_in_scene = context.to_scene(position)
        self._target_wire: WireEnd | None = None
        self._target_frame: int | None = None

    def drag(self, position: QPoint, modifiers: Modifiers) -> None:
        """Move the nodes with the pointer, snapped to the grid."""
        offset = self.context.to_scene(position) - self._press_in_scene
        # One node is snapped and the others keep their offset from it, to preserve alignment.
        anchor = (
            next(iter(self._start_positions.values()))
            if self._pressed is None
            else self._start_positions[self._pressed]
        )
        offset = QPointF(*snap_to_grid(anchor + offset)) - anchor
        for name, start in self._start_positions.items():
            self.context.scene_sync.nodes[name].setPos(start + offset)
        self.context.scene_sync.refit_frames()
        self._update_target_wire(position)
        self._update_target_frame(position)

    def drop(self, position: QPoint, modifiers: Modifiers) -> None:
        """Apply the new positions as one undo step."""
        self.drag(position, modifiers)
        nodes = self.context.scene_sync.nodes
        positions = {name: (nodes[name].x(), nodes[name].y()) for name in self._names}
        wire, frame = self._target_wire, self._target_frame
        self._clear()
        session = self.context.session
        if wire is not None:
            session.edit(
                "Insert into wire", edits.insert_into_wire, self._names[0], wire, positions
            )
        elif frame is not None:
            session.edit("Move into frame", _move_into_frame, positions, frame)
        else:
            session.edit("Move", node_edits.move, positions)
        self.context.scene_sync.sync()

    def click(self, position: QPoint, modifiers: Modifiers) -> None:
        """Select only the clicked node."""
        if self._pressed is not None and not modifiers:
            self.context.session.select([self._pressed])

    def cancel(self) -> None:
        """Restore the positions of the nodes."""
        self._clear()
        self.context.scene_sync.sync()

    def _update_target_wire(self, position: QPoint) -> None:
        is_single = self._names == [self._pressed]
        wire = insertable_wire_at(self.context, position, self._names[0]) if is_single else None
        if wire != self._target_wire:
            set_wire_glow(self.context, self._target_wire, False)
            set_wire_glow(self.context, wire, True)
            self._target_wire = wire

    def _update_target_frame(self, position: QPoint) -> None:
        project = self.context.session.project
        frame_by_node = frames_by_node(project)
        point = self.context.to_scene(position)
        self._target_frame = None
        if self._pressed is None or any(name in frame_by_node for name in self._names):
            return
        for frame in frames(project):
            rect: QRectF = self.context.scene_sync.nodes_rect(frame.nodes)
            if not frame.collapsed and rect.contains(point):
                self._target_frame = frame.index

    def _clear(self) -> None:
        set_wire_glow(self.context, self._target_wire, False)
        self._target_wire = self._target_frame = None


def _move_into_frame(
    project: Project, positions: dict[str, tuple[float, float]], frame: int
) -> Project:
    return put_in_frame(node_edits.move(project, positions), frame, list(positions))


def insertable_wire_at(
    context: CanvasContext, position: QPoint, name: str | None
) -> WireEnd | None:
    """Return the wire at a position that a node can be inserted into, else None.

    Args:
        context: the canvas.
        position: the viewport position.
        name: the node; None for a new one.
    """
    item = context.wire_at(position)
    end = None if item is None else context.scene_sync.end_of(item)
    if end is None or name is None:
        return end
    return end if edits.can_insert_into_wire(context.session.project, name, end) else None


def set_wire_glow(context: CanvasContext, end: WireEnd | None, is_on: bool) -> None:
    """Highlight a wire as the target of an insertion, or remove the highlight."""
    if end in context.scene_sync.wires:
        context.scene_sync.wires[end].glow = is_on


class BendGesture(Gesture):
    """Moves a bend of a wire. A drag that begins between bends adds a new bend.

    Args:
        context: the canvas.
        position: the press position.
        wire: the wire.
        index: the index of the bend, None for a new one.
    """

    def __init__(
        self, context: CanvasContext, position: QPoint, wire: WireItem, index: int | None
    ) -> None:
        super().__init__(context, position)
        self._end = context.scene_sync.end_of(wire)
        self._wire = wire
        self._points = list(wire.points)
        self._index = index

    def drag(self, position: QPoint, modifiers: Modifiers) -> None:
        """Move the bend with the pointer, snapped to the grid."""
        if not self._wire.is_bendable:
            return
        point = snap_to_grid(self.context.to_scene(position))
        if self._index is None:
            press = self.context.to_scene(self.press_position)
            self._index = segment_at(self._wire, press)
            self._points.insert(self._index, point)
        else:
            self._points[self._index] = point
        self._wire.set_points(self._points)

    def drop(self, position: QPoint, modifiers: Modifiers) -> None:
        """Apply the bend as one undo step."""
        self.drag(position, modifiers)
        set_bends(self.context, self._end, self._wire, self._points, "Bend wire")

    def click(self, position: QPoint, modifiers: Modifiers) -> None:
        """Select the wire; with Shift or Ctrl, toggle it in the selection."""
        if self._end is None:
            return
        others = self.context.wires if modifiers else set()
        if not modifiers:
            self.context.session.select([])
        self.context.select_wires(others ^ {self._end})

    def cancel(self) -> None:
        """Restore the bends of the wire."""
        self.context.scene_sync.sync()


def set_bends(
    context: CanvasContext,
    end: WireEnd | None,
    wire: WireItem,
    points: Sequence[tuple[float, float]],
    label: str,
) -> None:
    """Set the bends of a wire as one undo step."""
    if end is not None and wire.is_bendable:
        context.session.edit(
            label,
            set_route,
            wire.source_port.reference,
            end.node,
            end.port,
            [list(p) for p in points],
        )
    context.scene_sync.sync()


def segment_at(wire: WireItem, point: QPointF) -> int:
    """Return the index of the wire segment nearest to a point; 0 is before the first bend.

    It is the segment whose detour over the point, |ap| + |pb| - |ab|, is the shortest.
    """
    start, stop = wire.endpoints
    vertices = [start, *(QPointF(x, y) for x, y in wire.points), stop]
    detours = [
        _distance(start, point) + _distance(point, end) - _distance(start, end)
        for start, end in pairwise(vertices)
    ]
    return detours.index(min(detours))


def _distance(start: QPointF, end: QPointF) -> float:
    return hypot(start.x() - end.x(), start.y() - end.y())


class CollapseGesture(Gesture):
    """Collapses or expands a frame by a click on the arrow in its title bar.

    Args:
        context: the canvas.
        position: the press position.
        index: the index of the frame.
    """

    def __init__(self, context: CanvasContext, position: QPoint, index: int) -> None:
        super().__init__(context, position)
        self._frame = frames(context.session.project)[index]

    def click(self, position: QPoint, modifiers: Modifiers) -> None:
        """Collapse or expand the frame."""
        collapsed = not self._frame.collapsed
        label = "Collapse frame" if collapsed else "Expand frame"
        self.context.session.edit(label, set_frame, self._frame.index, collapsed=collapsed)


class PanGesture(Gesture):
    """Pans the view."""

    def __init__(self, context: CanvasContext, position: QPoint) -> None:
        super().__init__(context, position)
        self._last = position

    def drag(self, position: QPoint, modifiers: Modifiers) -> None:
        """Scroll the view with the pointer."""
        self.context.viewer.pan_by(self._last - position)
        self._last = position

    drop = drag

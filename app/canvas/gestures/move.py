"""Gestures that move things: nodes, the bends of wires, and the view."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot

from PySide6.QtCore import QPoint, QPointF, QRectF

from app.canvas import edits
from app.canvas.gestures.context import Stage, snapped
from app.canvas.gestures.gesture import Gesture, Modifiers
from app.canvas.items.wire_item import WireItem
from app.canvas.scene_sync import End
from engine.graph.edits import node_edits
from engine.graph.edits.frame_edits import put_in_frame, set_frame, set_route
from engine.graph.model import Project
from engine.graph.view import frame_of, frames


class Moving(Gesture):
    """Drags nodes. One that is not wired yet goes into the wire that it is dropped on.

    Args:
        stage: the canvas.
        at: where the pointer was pressed.
        names: the nodes that move.
        pressed: the node that was pressed, None if it was a frame's title.
    """

    def __init__(self, stage: Stage, at: QPoint, names: Sequence[str], pressed: str | None) -> None:
        super().__init__(stage, at)
        self._names = [name for name in names if name in stage.picture.nodes]
        self._pressed = pressed
        self._from = {name: stage.picture.nodes[name].pos() for name in self._names}
        self._grabbed = stage.scene_at(at)  # of the scene, for the view may move meanwhile
        self._wire: End | None = None
        self._frame: int | None = None

    def drag(self, at: QPoint, modifiers: Modifiers) -> None:
        """Let the nodes follow the pointer from grid place to grid place."""
        by = self.stage.scene_at(at) - self._grabbed
        # One node goes to the grid and the others keep their distance, else lines would be lost.
        first = (
            next(iter(self._from.values())) if self._pressed is None else self._from[self._pressed]
        )
        by = QPointF(*snapped(first + by)) - first
        for name, start in self._from.items():
            self.stage.picture.nodes[name].setPos(start + by)
        self.stage.picture.refit_frames()
        self._aim_at_wire(at)
        self._aim_at_frame(at)

    def drop(self, at: QPoint, modifiers: Modifiers) -> None:
        """Keep the new places, as one step."""
        self.drag(at, modifiers)
        nodes = self.stage.picture.nodes
        places = {name: (nodes[name].x(), nodes[name].y()) for name in self._names}
        wire, frame = self._wire, self._frame
        self._clear()
        session = self.stage.session
        if wire is not None:
            session.edit("Insert into wire", edits.inserted, self._names[0], wire, places)
        elif frame is not None:
            session.edit("Move into frame", _moved_into, places, frame)
        else:
            session.edit("Move", node_edits.move, places)
        self.stage.picture.sync()

    def click(self, at: QPoint, modifiers: Modifiers) -> None:
        """Of several selected nodes select only the one that was clicked."""
        if self._pressed is not None and not modifiers:
            self.stage.session.select([self._pressed])

    def cancel(self) -> None:
        """Put the nodes back."""
        self._clear()
        self.stage.picture.sync()

    def _aim_at_wire(self, at: QPoint) -> None:
        alone = self._names == [self._pressed]
        wire = wire_under(self.stage, at, self._names[0]) if alone else None
        if wire != self._wire:
            glow(self.stage, self._wire, False)
            glow(self.stage, wire, True)
            self._wire = wire

    def _aim_at_frame(self, at: QPoint) -> None:
        project = self.stage.session.project
        inside = frame_of(project)
        point = self.stage.scene_at(at)
        self._frame = None
        if self._pressed is None or any(name in inside for name in self._names):
            return
        for frame in frames(project):
            rect: QRectF = self.stage.picture.rect_of(frame.nodes)
            if not frame.collapsed and rect.contains(point):
                self._frame = frame.at

    def _clear(self) -> None:
        glow(self.stage, self._wire, False)
        self._wire = self._frame = None


def _moved_into(project: Project, places: dict[str, tuple[float, float]], frame: int) -> Project:
    return put_in_frame(node_edits.move(project, places), frame, list(places))


def wire_under(stage: Stage, at: QPoint, name: str | None) -> End | None:
    """Return the wire that a node would be put into here; `name` is None for a new node."""
    item = stage.wire_at(at)
    end = None if item is None else stage.picture.end_of(item)
    if end is None or name is None:
        return end
    return end if edits.can_be_inserted(stage.session.project, name, end) else None


def glow(stage: Stage, end: End | None, on: bool) -> None:
    """Let a wire glow, since a node would be put into it."""
    if end in stage.picture.wires:
        stage.picture.wires[end].glow = on


class Bending(Gesture):
    """Drags a bend of a wire; pressing the wire beside its bends makes a new one.

    Args:
        stage: the canvas.
        at: where the pointer was pressed.
        wire: the wire.
        number: which of its bends, None for a new one.
    """

    def __init__(self, stage: Stage, at: QPoint, wire: WireItem, number: int | None) -> None:
        super().__init__(stage, at)
        self._end = stage.picture.end_of(wire)
        self._wire = wire
        self._points = list(wire.points)
        self._number = number

    def drag(self, at: QPoint, modifiers: Modifiers) -> None:
        """Let the bend follow the pointer."""
        if not self._wire.bendable:
            return
        point = snapped(self.stage.scene_at(at))
        if self._number is None:
            began = self.stage.scene_at(self.began)
            self._number = leg_at(self._wire, began)
            self._points.insert(self._number, point)
        else:
            self._points[self._number] = point
        self._wire.set_points(self._points)

    def drop(self, at: QPoint, modifiers: Modifiers) -> None:
        """Keep the bend."""
        self.drag(at, modifiers)
        bend(self.stage, self._end, self._wire, self._points, "Bend wire")

    def click(self, at: QPoint, modifiers: Modifiers) -> None:
        """Select the wire, with Shift or Ctrl beside others."""
        if self._end is None:
            return
        together = self.stage.wires if modifiers else set()
        if not modifiers:
            self.stage.session.select([])
        self.stage.select_wires(together ^ {self._end})

    def cancel(self) -> None:
        """Straighten the wire again."""
        self.stage.picture.sync()


def bend(
    stage: Stage, end: End | None, wire: WireItem, points: Sequence[tuple[float, float]], label: str
) -> None:
    """Give a wire these bends, as one step."""
    if end is not None and wire.bendable:
        stage.session.edit(
            label, set_route, wire.start.reference, end.node, end.port, [list(p) for p in points]
        )
    stage.picture.sync()


def leg_at(wire: WireItem, point: QPointF) -> int:
    """Return between which of a wire's ends and bends a point lies: 0 is before the first bend."""
    start, stop = wire.ends
    corners = [start, *(QPointF(x, y) for x, y in wire.points), stop]
    detours = [
        _distance(one, point) + _distance(point, other) - _distance(one, other)
        for one, other in pairwise(corners)
    ]
    return detours.index(min(detours))


def _distance(one: QPointF, other: QPointF) -> float:
    return hypot(one.x() - other.x(), one.y() - other.y())


class Folding(Gesture):
    """A click on the arrow in a frame's title collapses or opens it.

    Args:
        stage: the canvas.
        at: where the pointer was pressed.
        number: which of the drawn frames.
    """

    def __init__(self, stage: Stage, at: QPoint, number: int) -> None:
        super().__init__(stage, at)
        self._frame = frames(stage.session.project)[number]

    def click(self, at: QPoint, modifiers: Modifiers) -> None:
        """Collapse or open the frame."""
        on = not self._frame.collapsed
        label = "Collapse frame" if on else "Expand frame"
        self.stage.session.edit(label, set_frame, self._frame.at, collapsed=on)


class Panning(Gesture):
    """Drags the view."""

    def __init__(self, stage: Stage, at: QPoint) -> None:
        super().__init__(stage, at)
        self._last = at

    def drag(self, at: QPoint, modifiers: Modifiers) -> None:
        """Follow the pointer."""
        self.stage.viewer.pan_by(self._last - at)
        self._last = at

    drop = drag

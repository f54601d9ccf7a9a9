"""The gesture that moves and adds bends of a wire."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot

from PySide6.QtCore import QPoint, QPointF

from app.canvas.context import CanvasContext, snap_to_grid
from app.canvas.gestures.gesture import Gesture, Modifiers
from app.canvas.items.wire_item import WireItem
from engine.graph.edits.frame_edits import set_route


class BendGesture(Gesture):
    """Moves a bend: a point that the user has added to the path of a wire.

    `index` is the index of the bend to move. If it is None, the drag adds a new bend.
    """

    def __init__(
        self, context: CanvasContext, position: QPoint, wire: WireItem, index: int | None
    ) -> None:
        super().__init__(context, position)
        self._wire = wire
        self._points = list(wire.points)
        self._index = index

    def drag(self, position: QPoint, modifiers: Modifiers) -> None:
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
        self.drag(position, modifiers)
        set_bends(self.context, self._wire, self._points, "Bend wire")

    def click(self, position: QPoint, modifiers: Modifiers) -> None:
        """Select only this wire; with Shift or Ctrl, add it to the wire selection or remove it."""
        others = self.context.selected_wires if modifiers else set()
        if not modifiers:
            self.context.session.select([])
        self.context.select_wires(others ^ {self._wire.wire_id})

    def cancel(self) -> None:
        self.context.scene_sync.sync()


def set_bends(
    context: CanvasContext, wire: WireItem, points: Sequence[tuple[float, float]], label: str
) -> None:
    """Set the bends of a wire to `points`, as one undo step with the name `label`.

    If the wire is not bendable, the graph is unchanged, and the canvas shows its bends again.
    """
    if wire.is_bendable:
        bends = [list(point) for point in points]
        route = (wire.source_port.reference, wire.wire_id.node, wire.wire_id.port)
        if context.session.edit(label, set_route, *route, bends):
            return
    context.scene_sync.sync()


def toggle_bend(
    context: CanvasContext, position: QPoint, wire: WireItem, index: int | None
) -> None:
    """Remove the bend with this index from a wire; if `index` is None, add a bend at `position`."""
    points = list(wire.points)
    if index is not None:
        del points[index]
    else:
        scene_position = context.to_scene(position)
        points.insert(segment_at(wire, scene_position), snap_to_grid(scene_position))
    label = "Bend wire" if index is None else "Straighten wire"
    set_bends(context, wire, points, label)


def segment_at(wire: WireItem, point: QPointF) -> int:
    """Return the index of the wire segment nearest to a point; 0 is before the first bend.

    The nearest segment ab is the one with the shortest detour via the point p: |ap| + |pb| - |ab|.
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

"""The gesture that moves nodes and notes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF

from app.canvas import edits
from app.canvas.context import CanvasContext, snap_to_grid
from app.canvas.gestures.gesture import Gesture, Modifiers
from app.canvas.gestures.insertion_target import InsertionTarget, insertable_wire_at
from app.documents.session import ItemKey
from engine.graph.view import frames, frames_by_node


class MoveGesture(Gesture):
    """Moves nodes and notes with the pointer.

    Nodes that are dropped on a frame are added to this frame, unless one of the nodes is in a frame
    already. A single unconnected node is inserted into the wire that it is dropped on.

    Args:
        keys: the nodes and notes to move.
        pressed: the item that was pressed, None if the title of a frame was pressed.
    """

    def __init__(
        self,
        context: CanvasContext,
        position: QPoint,
        keys: Sequence[ItemKey],
        pressed: ItemKey | None,
    ) -> None:
        super().__init__(context, position)
        found = {key: context.scene_sync.item(key) for key in keys}
        self._items = {key: item for key, item in found.items() if item is not None}
        self._names = [key for key in self._items if isinstance(key, str)]
        self._pressed = pressed
        self._start_positions = {key: item.pos() for key, item in self._items.items()}
        # In scene coordinates, because the view may scroll during the drag.
        self._press_in_scene = context.to_scene(position)
        self._insertion = InsertionTarget(context)
        self._target_frame: int | None = None

    def drag(self, position: QPoint, modifiers: Modifiers) -> None:
        offset = self.context.to_scene(position) - self._press_in_scene
        # One item is snapped and the others keep their offset from it, to preserve alignment.
        anchor = self._start_positions[self._names[0] if self._pressed is None else self._pressed]
        offset = QPointF(*snap_to_grid(anchor + offset)) - anchor
        for key, start in self._start_positions.items():
            self._items[key].setPos(start + offset)
        self.context.scene_sync.refit_frames()
        self._update_target_wire(position)
        self._update_target_frame(position)

    def drop(self, position: QPoint, modifiers: Modifiers) -> None:
        self.drag(position, modifiers)
        positions = {key: (item.x(), item.y()) for key, item in self._items.items()}
        wire, frame = self._insertion.wire, self._target_frame
        self._clear()
        session = self.context.session
        if wire is not None:
            name = self._names[0]
            is_applied = session.edit(
                "Insert into wire", edits.insert_into_wire, name, wire, {name: positions[name]}
            )
        elif frame is not None:
            is_applied = session.edit("Move into frame", edits.move_into_frame, positions, frame)
        else:
            is_applied = session.edit("Move", edits.move_items, positions)
        if not is_applied:
            self.context.scene_sync.sync()

    def click(self, position: QPoint, modifiers: Modifiers) -> None:
        if self._pressed is not None and not modifiers:
            self.context.session.select([self._pressed])

    def cancel(self) -> None:
        self._clear()
        self.context.scene_sync.sync()

    def _update_target_wire(self, position: QPoint) -> None:
        is_single = list(self._items) == [self._pressed] == self._names
        self._insertion.wire = (
            insertable_wire_at(self.context, position, self._names[0]) if is_single else None
        )

    def _update_target_frame(self, position: QPoint) -> None:
        project = self.context.session.project
        frame_by_node = frames_by_node(project)
        point = self.context.to_scene(position)
        self._target_frame = None
        if not isinstance(self._pressed, str) or any(name in frame_by_node for name in self._names):
            return
        for frame in frames(project):
            rect: QRectF = self.context.scene_sync.nodes_rect(frame.nodes)
            if not frame.collapsed and rect.contains(point):
                self._target_frame = frame.index

    def _clear(self) -> None:
        self._insertion.wire = self._target_frame = None

"""Free positions for new nodes and notes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF

from app.canvas.scene_sync import SceneSync
from engine.graph.notes import NOTE_WIDTH

VERTICAL_OFFSET = 20  # a new node is placed this many scene units above the requested position
_GAP = 60  # between a node and the new node right of it
_NODE_SIZE, _NOTE_SIZE = QSizeF(200, 90), QSizeF(NOTE_WIDTH, 60)  # assumed for new ones
_STEP = 40  # between two positions that are tried


class FreeSpace:
    """The search for free positions among the nodes on the canvas."""

    def __init__(self, scene_sync: SceneSync) -> None:
        self._scene_sync = scene_sync

    def free_position(self, position: QPointF) -> QPointF:
        """Return `position` if a new node fits there, else the nearest free position below."""
        box = _box(position)
        while self._overlapping(box):
            box.translate(0, _STEP)
        return QPointF(box.x(), box.y() + VERTICAL_OFFSET)

    def free_note_position(self, position: QPointF) -> QPointF:
        """Return `position`, or the nearest below where a note covers nothing, not even a wire."""
        box = QRectF(position, _NOTE_SIZE)
        while self._overlapping(box) or self._covers_a_line(box):
            box.translate(0, _STEP)
        return box.topLeft()

    def position_after(self, name: str) -> QPointF:
        """Return the position right of a node if it is free, else the next free position below."""
        rect = self._scene_sync.nodes_rect([name])
        return self.free_position(QPointF(rect.right() + _GAP, rect.top() + VERTICAL_OFFSET))

    def position_near(self, position: QPointF, source: str | None = None) -> QPointF:
        """Return `position` if it is free, else a free position right of the node `source`.

        If `source` is None, the node that occupies `position` is the source.
        """
        overlapping = self._overlapping(_box(position))
        return self.position_after(source or overlapping[0]) if overlapping else position

    def position_not_covering(self, position: QPointF) -> QPointF:
        """Return `position`, unless a node has exactly this position.

        In this case, return a free position right of the node. A partial overlap is accepted.
        """
        corner = _box(position).topLeft()
        items = self._scene_sync.nodes.values()
        covered = next((item for item in items if item.scene_rect.topLeft() == corner), None)
        return position if covered is None else self.position_after(str(covered.id))

    def _overlapping(self, box: QRectF) -> list[str]:
        nodes = self._scene_sync.nodes.values()
        return [str(item.id) for item in nodes if item.scene_rect.intersects(box)]

    def _covers_a_line(self, box: QRectF) -> bool:
        """Return whether a box covers a wire, or the edge of a frame or of a note."""
        scene = self._scene_sync
        areas = [frame.sceneBoundingRect() for frame in scene.frames]
        areas += [note.scene_rect for note in scene.notes.values()]
        return any(area.intersects(box) and not area.contains(box) for area in areas) or any(
            wire.boundingRect().intersects(box) and wire.shape().intersects(box)
            for wire in scene.wires.values()
        )


def _box(position: QPointF) -> QRectF:
    return QRectF(QPointF(position.x(), position.y() - VERTICAL_OFFSET), _NODE_SIZE)

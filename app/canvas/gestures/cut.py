"""The gesture that cuts wires."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainterPath

from app.canvas import edits
from app.canvas.context import CanvasContext
from app.canvas.gestures.gesture import Gesture, Modifiers


class CutGesture(Gesture):
    """Removes the wires that the pointer path crosses."""

    def __init__(self, context: CanvasContext, position: QPoint) -> None:
        super().__init__(context, position)
        self._path = QPainterPath(context.to_scene(position))

    def drag(self, position: QPoint, modifiers: Modifiers) -> None:
        self._path.lineTo(self.context.to_scene(position))
        self.context.viewer.show_cut_path(self._path)

    def drop(self, position: QPoint, modifiers: Modifiers) -> None:
        self.drag(position, modifiers)
        self.cancel()
        crossed = [
            wire_id
            for wire_id, wire in self.context.scene_sync.wires.items()
            if wire.isVisible() and self._path.intersects(wire.mapToScene(wire.path()))
        ]
        if crossed:
            self.context.session.edit("Cut wires", edits.disconnect_wires, crossed)

    def click(self, position: QPoint, modifiers: Modifiers) -> None:
        self.cancel()

    def cancel(self) -> None:
        self.context.viewer.show_cut_path(None)

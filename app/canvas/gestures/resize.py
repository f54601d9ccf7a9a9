"""The gesture that changes the width of a note."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from app.canvas.context import GRID_SIZE, CanvasContext
from app.canvas.gestures.gesture import Gesture, Modifiers
from engine.graph.edits.note_edits import set_note
from engine.graph.notes import clamp_width


class ResizeGesture(Gesture):
    """Drags the right edge of a note; the height follows from the text."""

    def __init__(self, context: CanvasContext, position: QPoint, index: int) -> None:
        super().__init__(context, position)
        self._index = index
        self._press_x = context.to_scene(position).x()
        context.session.select([index])
        context.select_wires(set())

    def drag(self, position: QPoint, modifiers: Modifiers) -> None:
        self.context.scene_sync.notes[self._index].set_width(self._width(position))
        self.context.scene_sync.refit_frames()

    def drop(self, position: QPoint, modifiers: Modifiers) -> None:
        width = self._width(position)
        if not self.context.session.edit("Resize note", set_note, self._index, width=width):
            self.cancel()

    def cancel(self) -> None:
        self.context.scene_sync.sync()

    def _width(self, position: QPoint) -> int:
        dragged = self.context.to_scene(position).x() - self._press_x
        width = self.context.scene_sync.notes[self._index].note.width + dragged
        return clamp_width(round(width / GRID_SIZE) * GRID_SIZE)

"""One gesture of the pointer, from press to release."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt

from app.canvas.gestures.context import DRAG_DISTANCE, Stage

Modifiers = Qt.KeyboardModifier


class Gesture:
    """What a press began. A press that hardly moves is a click, and changes nothing by dragging.

    Args:
        stage: the canvas.
        at: where the pointer was pressed, in the viewport.
    """

    def __init__(self, stage: Stage, at: QPoint) -> None:
        self.stage = stage
        self.began = at
        self.dragged = False

    def move(self, at: QPoint, modifiers: Modifiers) -> None:
        """Follow the pointer once it has moved far enough."""
        if not self.dragged and (at - self.began).manhattanLength() >= DRAG_DISTANCE:
            self.dragged = True
        if self.dragged:
            self.drag(at, modifiers)

    def release(self, at: QPoint, modifiers: Modifiers) -> None:
        """End as a drop or as a click."""
        if self.dragged:
            self.drop(at, modifiers)
        else:
            self.click(at, modifiers)

    def drag(self, at: QPoint, modifiers: Modifiers) -> None:
        """Show what letting go here would do."""

    def drop(self, at: QPoint, modifiers: Modifiers) -> None:
        """Do it, as one step of undo."""

    def click(self, at: QPoint, modifiers: Modifiers) -> None:
        """Do what a press and release on one spot means."""

    def cancel(self) -> None:
        """Leave everything as it was before the press."""

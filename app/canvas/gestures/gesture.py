"""The base class of pointer gestures."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt

from app.canvas.context import DRAG_DISTANCE, CanvasContext

Modifiers = Qt.KeyboardModifier


class Gesture:
    """A pointer gesture from press to release: a drag, or a click if the pointer hardly moves.

    All positions are in viewport coordinates. `press_position` is the position of the press.
    """

    def __init__(self, context: CanvasContext, position: QPoint) -> None:
        self.context = context
        self.press_position = position
        self.is_drag = False

    def move(self, position: QPoint, modifiers: Modifiers) -> None:
        """Handle a pointer move; the drag starts `DRAG_DISTANCE` pixels away from the press."""
        if not self.is_drag and (position - self.press_position).manhattanLength() >= DRAG_DISTANCE:
            self.is_drag = True
        if self.is_drag:
            self.drag(position, modifiers)

    def release(self, position: QPoint, modifiers: Modifiers) -> None:
        """End the gesture: call `drop` if the pointer was dragged, otherwise `click`."""
        if self.is_drag:
            self.drop(position, modifiers)
        else:
            self.click(position, modifiers)

    def drag(self, position: QPoint, modifiers: Modifiers) -> None:
        """Preview the result of a release at this position."""

    def drop(self, position: QPoint, modifiers: Modifiers) -> None:
        """Apply the result of the drag as one undo step."""

    def click(self, position: QPoint, modifiers: Modifiers) -> None:
        """Handle a press and release without a drag."""

    def cancel(self) -> None:
        """Restore the state before the press."""

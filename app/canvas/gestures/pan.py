"""The gesture that pans the view."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from app.canvas.context import CanvasContext
from app.canvas.gestures.gesture import Gesture, Modifiers


class PanGesture(Gesture):
    """Pans the view."""

    def __init__(self, context: CanvasContext, position: QPoint) -> None:
        super().__init__(context, position)
        self._last = position

    def drag(self, position: QPoint, modifiers: Modifiers) -> None:
        self.context.viewer.pan_by(self._last - position)
        self._last = position

    drop = drag

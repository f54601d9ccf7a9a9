"""The gesture that collapses or expands a frame."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from app.canvas.context import CanvasContext
from app.canvas.gestures.gesture import Gesture, Modifiers
from engine.graph.edits.frame_edits import set_frame
from engine.graph.view import frames


class CollapseGesture(Gesture):
    """Collapses or expands a frame by a click on the arrow in its title bar."""

    def __init__(self, context: CanvasContext, position: QPoint, index: int) -> None:
        super().__init__(context, position)
        self._frame = frames(context.session.project)[index]

    def click(self, position: QPoint, modifiers: Modifiers) -> None:
        collapsed = not self._frame.collapsed
        label = "Collapse frame" if collapsed else "Expand frame"
        self.context.session.edit(label, set_frame, self._frame.index, collapsed=collapsed)

"""The gesture that selects nodes in a rectangle."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt

from app.canvas.context import CanvasContext
from app.canvas.gestures.gesture import Gesture, Modifiers
from app.documents.session import ItemKey

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier


class SelectGesture(Gesture):
    """Selects the nodes and notes in a rectangle; Shift adds to the selection, Ctrl removes."""

    def __init__(self, context: CanvasContext, position: QPoint) -> None:
        super().__init__(context, position)
        self._selection_before = set(context.session.selected_items)

    def drag(self, position: QPoint, modifiers: Modifiers) -> None:
        rect = QRect(self.press_position, position).normalized()
        self.context.viewer.show_selection_rect(rect)
        self.context.session.select(self._selection_for(rect, modifiers))

    def drop(self, position: QPoint, modifiers: Modifiers) -> None:
        self.drag(position, modifiers)
        self.context.viewer.show_selection_rect(None)

    def click(self, position: QPoint, modifiers: Modifiers) -> None:
        if not modifiers:
            self.context.session.select([])
            self.context.select_wires(set())

    def cancel(self) -> None:
        self.context.viewer.show_selection_rect(None)

    def _selection_for(self, rect: QRect, modifiers: Modifiers) -> set[ItemKey]:
        area = QRectF(self.context.viewer.mapToScene(rect).boundingRect())
        keys = {
            key
            for key, item in self.context.scene_sync.items.items()
            if item.isVisible() and area.intersects(item.scene_rect)
        }
        if modifiers & _CTRL:
            return self._selection_before - keys
        return self._selection_before | keys if modifiers & _SHIFT else keys

"""Gestures on the empty canvas: rectangle selection, and cutting wires."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainterPath

from app.canvas import edits
from app.canvas.gestures.context import Stage
from app.canvas.gestures.gesture import Gesture, Modifiers

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier


class Marquee(Gesture):
    """Selects the nodes in a rectangle; Shift adds them to the selection, Ctrl removes them."""

    def __init__(self, context: Stage, position: QPoint) -> None:
        super().__init__(context, position)
        self._selection_before = set(context.session.selection)

    def drag(self, position: QPoint, modifiers: Modifiers) -> None:
        """Select the nodes that the rectangle touches."""
        rect = QRect(self.began, position).normalized()
        self.stage.viewer.show_marquee(rect)
        self.stage.session.select(self._selection_for(rect, modifiers))

    def drop(self, position: QPoint, modifiers: Modifiers) -> None:
        """Keep the selection."""
        self.drag(position, modifiers)
        self.stage.viewer.show_marquee(None)

    def click(self, position: QPoint, modifiers: Modifiers) -> None:
        """Clear the selection."""
        if not modifiers:
            self.stage.session.select([])
            self.stage.select_wires(set())

    def cancel(self) -> None:
        """Hide the rectangle."""
        self.stage.viewer.show_marquee(None)

    def _selection_for(self, rect: QRect, modifiers: Modifiers) -> set[str]:
        area = QRectF(self.stage.viewer.mapToScene(rect).boundingRect())
        touched = {
            name
            for name, item in self.stage.picture.nodes.items()
            if item.isVisible()
            and area.intersects(QRectF(item.x(), item.y(), item.width, item.height))
        }
        if modifiers & _CTRL:
            return self._selection_before - touched
        return self._selection_before | touched if modifiers & _SHIFT else touched


class Cutting(Gesture):
    """Removes the wires that the pointer path crosses."""

    def __init__(self, context: Stage, position: QPoint) -> None:
        super().__init__(context, position)
        self._path = QPainterPath(context.scene_at(position))

    def drag(self, position: QPoint, modifiers: Modifiers) -> None:
        """Draw the path."""
        self._path.lineTo(self.stage.scene_at(position))
        self.stage.viewer.show_swipe(self._path)

    def drop(self, position: QPoint, modifiers: Modifiers) -> None:
        """Remove the crossed wires as one undo step."""
        self.drag(position, modifiers)
        self.cancel()
        crossed = [
            end
            for end, wire in self.stage.picture.wires.items()
            if wire.isVisible() and self._path.intersects(wire.mapToScene(wire.path()))
        ]
        if crossed:
            self.stage.session.edit("Cut wires", edits.unwired, crossed)

    def click(self, position: QPoint, modifiers: Modifiers) -> None:
        """Cut nothing."""
        self.cancel()

    def cancel(self) -> None:
        """Hide the path."""
        self.stage.viewer.show_swipe(None)

"""Gestures over empty canvas: the rectangle that selects, and the swipe that cuts wires."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainterPath

from app.canvas import edits
from app.canvas.gestures.context import Stage
from app.canvas.gestures.gesture import Gesture, Modifiers

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier


class Marquee(Gesture):
    """Selects the nodes that a rectangle touches; with Shift also, with Ctrl no longer."""

    def __init__(self, stage: Stage, at: QPoint) -> None:
        super().__init__(stage, at)
        self._before = set(stage.session.selection)

    def drag(self, at: QPoint, modifiers: Modifiers) -> None:
        """Select what the rectangle touches."""
        rect = QRect(self.began, at).normalized()
        self.stage.viewer.show_marquee(rect)
        self.stage.session.select(self._chosen(rect, modifiers))

    def drop(self, at: QPoint, modifiers: Modifiers) -> None:
        """Keep the selection."""
        self.drag(at, modifiers)
        self.stage.viewer.show_marquee(None)

    def click(self, at: QPoint, modifiers: Modifiers) -> None:
        """Select nothing."""
        if not modifiers:
            self.stage.session.select([])
            self.stage.select_wires(set())

    def cancel(self) -> None:
        """Take the rectangle off the screen."""
        self.stage.viewer.show_marquee(None)

    def _chosen(self, rect: QRect, modifiers: Modifiers) -> set[str]:
        area = QRectF(self.stage.viewer.mapToScene(rect).boundingRect())
        touched = {
            name
            for name, item in self.stage.picture.nodes.items()
            if item.isVisible()
            and area.intersects(QRectF(item.x(), item.y(), item.width, item.height))
        }
        if modifiers & _CTRL:
            return self._before - touched
        return self._before | touched if modifiers & _SHIFT else touched


class Cutting(Gesture):
    """Takes away every wire that the pointer swipes over."""

    def __init__(self, stage: Stage, at: QPoint) -> None:
        super().__init__(stage, at)
        self._path = QPainterPath(stage.scene_at(at))

    def drag(self, at: QPoint, modifiers: Modifiers) -> None:
        """Draw the swipe."""
        self._path.lineTo(self.stage.scene_at(at))
        self.stage.viewer.show_swipe(self._path)

    def drop(self, at: QPoint, modifiers: Modifiers) -> None:
        """Take the wires away, as one step."""
        self.drag(at, modifiers)
        self.cancel()
        cut = [
            end
            for end, wire in self.stage.picture.wires.items()
            if wire.isVisible() and self._path.intersects(wire.mapToScene(wire.path()))
        ]
        if cut:
            self.stage.session.edit("Cut wires", edits.unwired, cut)

    def click(self, at: QPoint, modifiers: Modifiers) -> None:
        """Cut nothing."""
        self.cancel()

    def cancel(self) -> None:
        """Take the swipe off the screen."""
        self.stage.viewer.show_swipe(None)

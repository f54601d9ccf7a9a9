"""A line with two small arrows at its right end: press, hold, or turn the wheel over it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import (
    QFocusEvent,
    QInputEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit, QWidget

_WIDTH = 20
_WAIT, _REPEAT = 350, 60


class ArrowEdit(QLineEdit):
    """A field that can be stepped by pointer; what a step means is said in `step`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hovered = self._pressed = 0
        self._held = QTimer(self)
        self._held.timeout.connect(self._on_held)
        self.setTextMargins(0, 0, _WIDTH - 4, 0)
        self.setMouseTracking(True)

    def step(self, up: bool, far: bool = False) -> None:
        """Go up or down by one step, or by a large one."""
        raise NotImplementedError

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step if the field has the keyboard; else what holds the field scrolls."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        if not self.hasFocus() or not turned:
            event.ignore()
            return
        self.step(turned > 0, _far(event))
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Stop stepping."""
        self._let_go()
        super().focusOutEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Step at once, and go on stepping while an arrow is held."""
        arrow = self._arrow_at(event.position())
        if not arrow or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._pressed = arrow
        self.step(arrow > 0, _far(event))
        self._held.start(_WAIT)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the arrow go."""
        if self._pressed:
            self._let_go()
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take two quick presses of an arrow for two presses."""
        if self._arrow_at(event.position()):
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the arrow under the pointer."""
        if not self._pressed:
            self._hover(self._arrow_at(event.position()))
            super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Put the arrows' light out."""
        self._hover(0)
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the arrows over the field."""
        super().paintEvent(event)
        if self.isReadOnly():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for arrow in (1, -1):
            pen = QPen(self.palette().color(self._role(arrow)), 1.4)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            middle = QPointF(self.width() - _WIDTH / 2 - 1.5, self.height() / 2 - arrow * 4.5)
            ends = (QPointF(-3, arrow * 1.5), QPointF(0, -arrow * 1.5), QPointF(3, arrow * 1.5))
            painter.drawPolyline(QPolygonF([middle + end for end in ends]))

    def _role(self, arrow: int) -> QPalette.ColorRole:
        if not self.isEnabled():
            return QPalette.ColorRole.Mid
        if arrow == self._pressed:
            return QPalette.ColorRole.Accent
        hovered = arrow == self._hovered
        return QPalette.ColorRole.Text if hovered else QPalette.ColorRole.PlaceholderText

    def _arrow_at(self, place: QPointF) -> int:
        if self.isReadOnly() or place.x() < self.width() - _WIDTH:
            return 0
        return 1 if place.y() < self.height() / 2 else -1

    def _hover(self, arrow: int) -> None:
        if arrow != self._hovered:
            self._hovered = arrow
            self.setCursor(Qt.CursorShape.ArrowCursor if arrow else Qt.CursorShape.IBeamCursor)
            self.update()

    def _let_go(self) -> None:
        self._held.stop()
        self._pressed = 0
        self.update()

    def _on_held(self) -> None:
        self._held.setInterval(_REPEAT)
        self.step(self._pressed > 0)


def _far(event: QInputEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)

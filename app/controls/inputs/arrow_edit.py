"""A line edit with up and down arrows, which also steps with the mouse wheel."""

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
_FIRST_DELAY, _REPEAT = 350, 60


class ArrowEdit(QLineEdit):
    """A base class of line edits with step arrows; subclasses implement `step`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, mouseTracking=True)
        self._hovered = self._pressed = 0
        self._repeat_timer = QTimer(self, timeout=self._on_repeat)
        self.setTextMargins(0, 0, _WIDTH - 4, 0)

    def step(self, up: bool, large: bool = False) -> None:
        raise NotImplementedError

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step if the field has the focus; otherwise let the parent scroll."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        if not self.hasFocus() or not delta:
            event.ignore()
            return
        self.step(delta > 0, _is_large_step(event))
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._stop_stepping()
        super().focusOutEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Change the value by a step if an arrow is pressed; repeat while the button is down."""
        arrow = self._arrow_at(event.position())
        if not arrow or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._pressed = arrow
        self.step(arrow > 0, _is_large_step(event))
        self._repeat_timer.start(_FIRST_DELAY)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed:
            self._stop_stepping()
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Treat a double click on an arrow as two clicks."""
        if self._arrow_at(event.position()):
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._pressed:
            self._set_hovered(self._arrow_at(event.position()))
            super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(0)
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.isReadOnly():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for arrow in (1, -1):
            pen = QPen(self.palette().color(self._color_role(arrow)), 1.4)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            center = QPointF(self.width() - _WIDTH / 2 - 1.5, self.height() / 2 - arrow * 4.5)
            points = (QPointF(-3, arrow * 1.5), QPointF(0, -arrow * 1.5), QPointF(3, arrow * 1.5))
            painter.drawPolyline(QPolygonF([center + point for point in points]))

    def _color_role(self, arrow: int) -> QPalette.ColorRole:
        if not self.isEnabled():
            return QPalette.ColorRole.Mid
        if arrow == self._pressed:
            return QPalette.ColorRole.Accent
        hovered = arrow == self._hovered
        return QPalette.ColorRole.Text if hovered else QPalette.ColorRole.PlaceholderText

    def _arrow_at(self, position: QPointF) -> int:
        if self.isReadOnly() or position.x() < self.width() - _WIDTH:
            return 0
        return 1 if position.y() < self.height() / 2 else -1

    def _set_hovered(self, arrow: int) -> None:
        if arrow != self._hovered:
            self._hovered = arrow
            self.setCursor(Qt.CursorShape.ArrowCursor if arrow else Qt.CursorShape.IBeamCursor)
            self.update()

    def _stop_stepping(self) -> None:
        self._repeat_timer.stop()
        self._pressed = 0
        self.update()

    def _on_repeat(self) -> None:
        self._repeat_timer.setInterval(_REPEAT)
        self.step(self._pressed > 0)


def _is_large_step(event: QInputEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)

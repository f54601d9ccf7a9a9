"""An on/off switch that takes effect at once."""

from __future__ import annotations

from PySide6.QtCore import Property, QPropertyAnimation, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from app.theme.theme import Theme

_TRACK = QSize(34, 20)
_GAP = 8
_MARGIN = 3
_ANIMATION_MS = 120


class Switch(QAbstractButton):
    """A checkable button drawn as a sliding switch with a text beside it."""

    def __init__(self, theme: Theme, text: str = "", on: bool = False) -> None:
        super().__init__(checkable=True, focusPolicy=Qt.FocusPolicy.StrongFocus)
        self._theme = theme
        self._knob = float(on)
        self._animation = QPropertyAnimation(self, b"knob", self, duration=_ANIMATION_MS)
        self.setText(text)
        self.setChecked(on)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self._on_toggled)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        text_width = self.fontMetrics().horizontalAdvance(self.text())
        width = _TRACK.width() + (_GAP + text_width if self.text() else 0) + 2 * _MARGIN
        return QSize(width, max(_TRACK.height(), self.fontMetrics().height()) + 2 * _MARGIN)

    def minimumSizeHint(self) -> QSize:
        """Return the size hint, because the text must not be cut off."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - _TRACK.height()) / 2
        track = QRectF(_MARGIN, top, _TRACK.width(), _TRACK.height())
        self._paint_track(painter, track)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.color("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = track.adjusted(-2, -2, 2, 2)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        painter.setPen(self._theme.color("text" if self.isEnabled() else "faint"))
        text_rect = self.rect().adjusted(_MARGIN + _TRACK.width() + _GAP, 0, 0, 0)
        painter.drawText(text_rect, Qt.AlignmentFlag.AlignVCenter, self.text())

    def _paint_track(self, painter: QPainter, track: QRectF) -> None:
        on = self.isChecked()
        edge = "accent" if on and self.isEnabled() else "outline" if self.isEnabled() else "border"
        painter.setPen(QPen(self._theme.color(edge), 1))
        painter.setBrush(self._theme.color(edge if on else "surface"))
        inner = track.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)
        diameter = track.height() - 2 * _MARGIN - 1
        travel = track.width() - diameter - 2 * _MARGIN - 1
        left = track.left() + _MARGIN + 0.5 + self._knob * travel
        knob = "on_accent" if on else "dim" if self.isEnabled() else "faint"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(knob))
        painter.drawEllipse(QRectF(left, track.top() + _MARGIN + 0.5, diameter, diameter))

    def _on_toggled(self, on: bool) -> None:
        self._animation.stop()
        if self._theme.reduced_motion or not self.isVisible():
            self._set_knob(float(on))
            return
        self._animation.setEndValue(float(on))
        self._animation.start()

    def _get_knob(self) -> float:
        return self._knob

    def _set_knob(self, position: float) -> None:
        self._knob = position
        self.update()

    knob = Property(float, _get_knob, _set_knob)

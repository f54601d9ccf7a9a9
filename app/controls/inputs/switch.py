"""A choice between on and off that takes effect at once."""

from __future__ import annotations

from PySide6.QtCore import Property, QPropertyAnimation, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.theme.theme import Theme

_TRACK = QSize(34, 20)
_GAP = 8
_ROOM = 3
_LASTS = 120


class Switch(QAbstractButton):
    """A sliding knob with words beside it; ticked by mouse and by Space."""

    def __init__(
        self, theme: Theme, text: str = "", on: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._knob = float(on)
        self._slide = QPropertyAnimation(self, b"knob", self)
        self._slide.setDuration(_LASTS)
        self.setText(text)
        self.setCheckable(True)
        self.setChecked(on)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self._on_toggled)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the room for the track and the words."""
        words = self.fontMetrics().horizontalAdvance(self.text())
        width = _TRACK.width() + (_GAP + words if self.text() else 0) + 2 * _ROOM
        return QSize(width, max(_TRACK.height(), self.fontMetrics().height()) + 2 * _ROOM)

    def minimumSizeHint(self) -> QSize:
        """Return the same, as words must not be cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw track, knob, words and, with the keyboard on it, a ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - _TRACK.height()) / 2
        track = QRectF(_ROOM, top, _TRACK.width(), _TRACK.height())
        self._paint_track(painter, track)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.color("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            round_it = track.adjusted(-2, -2, 2, 2)
            painter.drawRoundedRect(round_it, round_it.height() / 2, round_it.height() / 2)
        painter.setPen(self._theme.color("text" if self.isEnabled() else "faint"))
        words = self.rect().adjusted(_ROOM + _TRACK.width() + _GAP, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())

    def _paint_track(self, painter: QPainter, track: QRectF) -> None:
        on = self.isChecked()
        edge = "accent" if on and self.isEnabled() else "outline" if self.isEnabled() else "border"
        painter.setPen(QPen(self._theme.color(edge), 1))
        painter.setBrush(self._theme.color(edge if on else "surface"))
        inner = track.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)
        side = track.height() - 2 * _ROOM - 1
        left = track.left() + _ROOM + 0.5 + self._knob * (track.width() - side - 2 * _ROOM - 1)
        knob = "on_accent" if on else "dim" if self.isEnabled() else "faint"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(knob))
        painter.drawEllipse(QRectF(left, track.top() + _ROOM + 0.5, side, side))

    def _on_toggled(self, on: bool) -> None:
        self._slide.stop()
        if self._theme.reduced_motion or not self.isVisible():
            self._move_knob(float(on))
            return
        self._slide.setEndValue(float(on))
        self._slide.start()

    def _read_knob(self) -> float:
        return self._knob

    def _move_knob(self, place: float) -> None:
        self._knob = place
        self.update()

    knob = Property(float, _read_knob, _move_knob)

"""How many rows are on each side, as words and as a bar."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme.theme import Theme

_HIGH, _SIGN, _GAP = 10, 9, 6  # pixels
_SAID = {"train": "to train on", "validation": "to validate on", "test": "kept for a test"}
_TOKENS = {"train": "accent", "validation": "success", "test": "warning"}
_LEAST = 3  # pixels of a side that has any rows


class SidesBar(QWidget):
    """A bar in three colours, and a legend below it that wraps where it is narrow."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sides: Mapping[str, int] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def show_sides(self, sides: Mapping[str, int]) -> None:
        """Show how many rows are on each side."""
        self._sides = {side: sides[side] for side in _SAID if sides.get(side)}
        self.setAccessibleName(", ".join(self.legend()) or "Rows are not counted yet")
        self.updateGeometry()
        self.update()

    def legend(self) -> list[str]:
        """Return what the legend says: "275 rows to train on"."""
        total = sum(self._sides.values())
        return [
            f"{count:,} row{'' if count == 1 else 's'} {_SAID[side]} ({count / total:.0%})"
            for side, count in self._sides.items()
        ]

    def sizeHint(self) -> QSize:
        """Return the room for the bar and the legend in one line."""
        return QSize(320, self.heightForWidth(max(320, self.width())))

    def heightForWidth(self, width: int) -> int:
        """Return how high it is with the legend wrapped."""
        lines = max((line for _, _, line in self._places(width)), default=0) + 1
        return _HIGH + _GAP + lines * self._line()

    def _line(self) -> int:
        return self.fontMetrics().height() + 4

    def _places(self, width: int) -> list[tuple[str, int, int]]:
        """Return the text, left edge and line of each entry of the legend."""
        placed, left, line = [], 0, 0
        for text in self.legend():
            wide = _SIGN + _GAP + self.fontMetrics().horizontalAdvance(text)
            if left and left + wide > width:
                left, line = 0, line + 1
            placed.append((text, left, line))
            left += wide + 3 * _GAP
        return placed

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint bar and legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(0, 0, self.width(), _HIGH)
        outline = QPainterPath()
        outline.addRoundedRect(whole, 4, 4)
        painter.setClipPath(outline)
        painter.fillRect(whole, self._theme.color("raised"))
        total, left = sum(self._sides.values()), 0.0
        for side, count in self._sides.items():
            wide = max(_LEAST, whole.width() * count / total)
            painter.fillRect(QRectF(left, 0, wide - 1, _HIGH), self._theme.color(_TOKENS[side]))
            left += wide
        painter.setClipping(False)
        for side, (text, at, line) in zip(self._sides, self._places(self.width()), strict=True):
            top = _HIGH + _GAP + line * self._line()
            painter.setBrush(self._theme.color(_TOKENS[side]))
            painter.setPen(Qt.PenStyle.NoPen)
            middle = top + self._line() / 2
            painter.drawRoundedRect(QRectF(at, middle - _SIGN / 2, _SIGN, _SIGN), 2, 2)
            painter.setPen(self._theme.color("text"))
            room = QRectF(at + _SIGN + _GAP, top, self.width(), self._line())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

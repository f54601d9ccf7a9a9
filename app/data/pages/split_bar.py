"""The split bar: the numbers of training, validation and test rows as a bar with a legend."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme.theme import Theme
from engine.core.formatting.counts import count_noun

_BAR_HEIGHT, _MARK_SIZE, _GAP = 10, 9, 6  # pixels
_NAMES = {"train": "training", "validation": "validation", "test": "test"}
_TOKENS = {"train": "accent", "validation": "success", "test": "warning"}
_MIN_WIDTH = 3  # pixels of a split with at least one row


class SplitBar(QWidget):
    """A bar of training, validation and test rows, with a legend below that wraps if needed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._row_counts: Mapping[str, int] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def show_row_counts(self, row_counts: Mapping[str, int]) -> None:
        """Set the numbers of rows by split ("train", "validation", "test")."""
        self._row_counts = {split: row_counts[split] for split in _NAMES if row_counts.get(split)}
        self.setAccessibleName(", ".join(self.legend()) or "Rows are not counted yet")
        self.updateGeometry()
        self.update()

    def legend(self) -> list[str]:
        """Return the entries of the legend, such as "275 training rows (80%)"."""
        total = sum(self._row_counts.values())
        return [
            f"{count_noun(count, f'{_NAMES[split]} row')} ({count / total:.0%})"
            for split, count in self._row_counts.items()
        ]

    def sizeHint(self) -> QSize:
        return QSize(320, self.heightForWidth(max(320, self.width())))

    def heightForWidth(self, width: int) -> int:
        lines = max((line for _, _, line in self._legend_layout(width)), default=0) + 1
        return _BAR_HEIGHT + _GAP + lines * self._line_height()

    def _line_height(self) -> int:
        return self.fontMetrics().height() + 4

    def _legend_layout(self, width: int) -> list[tuple[str, int, int]]:
        """Return (text, left edge, line index) of each legend entry, wrapped at `width`."""
        placed, left, line = [], 0, 0
        for text in self.legend():
            entry_width = _MARK_SIZE + _GAP + self.fontMetrics().horizontalAdvance(text)
            if left and left + entry_width > width:
                left, line = 0, line + 1
            placed.append((text, left, line))
            left += entry_width + 3 * _GAP
        return placed

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        outer = QRectF(0, 0, self.width(), _BAR_HEIGHT)
        outline = QPainterPath()
        outline.addRoundedRect(outer, 4, 4)
        painter.setClipPath(outline)
        painter.fillRect(outer, self._theme.color("raised"))
        total, left = sum(self._row_counts.values()), 0.0
        for split, count in self._row_counts.items():
            width = max(_MIN_WIDTH, outer.width() * count / total)
            color = self._theme.color(_TOKENS[split])
            painter.fillRect(QRectF(left, 0, width - 1, _BAR_HEIGHT), color)
            left += width
        painter.setClipping(False)
        entries = self._legend_layout(self.width())
        for split, (text, x, line) in zip(self._row_counts, entries, strict=True):
            top = _BAR_HEIGHT + _GAP + line * self._line_height()
            painter.setBrush(self._theme.color(_TOKENS[split]))
            painter.setPen(Qt.PenStyle.NoPen)
            middle = top + self._line_height() / 2
            mark = QRectF(x, middle - _MARK_SIZE / 2, _MARK_SIZE, _MARK_SIZE)
            painter.drawRoundedRect(mark, 2, 2)
            painter.setPen(self._theme.color("text"))
            rect = QRectF(x + _MARK_SIZE + _GAP, top, self.width(), self._line_height())
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, text)

"""What a network says of a row: an answer for each output, and how likely each label is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.results.phrases import percent
from app.theme.theme import Theme

_ROW, _GAP, _BAR = 20.0, 8.0, 8.0  # pixels of a line, between its parts, and of a bar's height
_LABEL, _NUMBER = 0.38, 52.0  # share of the width for labels at most; pixels for numbers
_FADED = 0.4  # how much is seen of an answer to what was filled in before
_MOST = 12  # labels that are drawn, the likeliest ones of more


class Bars(QWidget):
    """A bar for each label, the chosen one in the accent."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shares: Sequence[tuple[str, float]] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_shares(self, shares: Sequence[tuple[str, float]]) -> None:
        """Show how likely labels are."""
        likely = sorted(shares, key=lambda each: -each[1])[:_MOST]
        self._shares = [each for each in shares if each in likely]
        self.setAccessibleName(", ".join(f"{name} {percent(share)}" for name, share in likely))
        self.setToolTip("")
        self.updateGeometry()
        self.update()

    @property
    def shares(self) -> Sequence[tuple[str, float]]:
        """What is shown."""
        return self._shares

    def sizeHint(self) -> QSize:
        """A line for each label."""
        return QSize(240, round(_ROW * len(self._shares)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words, digits = self._theme.ui_font(9), self._theme.mono_font(8.5)
        metrics = QFontMetricsF(words)
        widest = max((metrics.horizontalAdvance(name) for name, _ in self._shares), default=0)
        left = min(widest, self.width() * _LABEL)
        best = max((share for _, share in self._shares), default=0)
        for line, (name, share) in enumerate(self._shares):
            row = QRectF(0, line * _ROW, self.width(), _ROW)
            painter.setFont(words)
            painter.setPen(self._theme.color("text"))
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, left)
            painter.drawText(QRectF(0, row.top(), left + 1, _ROW), _LEFT, text)
            track = QRectF(left + _GAP, row.center().y() - _BAR / 2,
                           max(8.0, self.width() - left - 2 * _GAP - _NUMBER), _BAR)  # fmt: skip
            self._paint_bar(painter, track, share, share == best)
            painter.setFont(digits)
            painter.setPen(self._theme.color("text" if share == best else "dim"))
            painter.drawText(
                QRectF(self.width() - _NUMBER, row.top(), _NUMBER, _ROW), _RIGHT, percent(share)
            )

    def _paint_bar(self, painter: QPainter, track: QRectF, share: float, best: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("border"))
        painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
        if share <= 0:
            return
        bar = QRectF(track)
        bar.setWidth(max(_BAR, track.width() * share))
        painter.setBrush(self._theme.color("accent" if best else "outline"))
        painter.drawRoundedRect(bar, _BAR / 2, _BAR / 2)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Said(QFrame):
    """What one output says."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._name, self.answer = QLabel(), QLabel()
        for words in (self._name, self.answer):
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._name.setProperty("role", "dim")
        self.answer.setFont(theme.ui_font(14, bold=True))
        self.answer.setWordWrap(True)
        self.bars = Bars(theme)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(12, 8, 12, 10)
        rows.setSpacing(4)
        for widget in (self._name, self.answer, self.bars):
            rows.addWidget(widget)
        self._faded = QGraphicsOpacityEffect(self, opacity=_FADED)
        self._faded.setEnabled(False)
        self.setGraphicsEffect(self._faded)

    @property
    def old(self) -> bool:
        """Whether it is the answer to another row than the one that stands in the form."""
        return self._faded.isEnabled()

    def set_old(self, old: bool) -> None:
        """Draw it faint while it answers another row."""
        self._faded.setEnabled(old)
        self.setAccessibleDescription("Of what was filled in before" if old else "")

    def show_said(self, said: Mapping[str, Any]) -> None:
        """Show an answer, as the engine tells it."""
        unit = said.get("unit") or ""
        self._name.setText(str(said.get("name", "")))
        self.answer.setText(f"{said.get('answer', '')} {unit}".strip())
        shares = [
            (str(each["label"]), float(each["share"] or 0)) for each in said.get("shares", ())
        ]
        self.bars.setVisible(bool(shares))
        self.bars.show_shares(shares)

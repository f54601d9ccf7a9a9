"""A button for a way out of a finding that works by itself."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QPushButton

from app.text.phrases import plain_tooltip
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.core.diagnostic import Fix

_WIDEST = 212  # pixels of a line of its words
_LINES = 3  # the tool tip says all


class FixButton(QPushButton):
    """Offers one fix.

    Args:
        theme: the colour of its icon.
        fix: one that a machine can do.

    Signals:
        chosen: the fix, for the button was pressed.
    """

    chosen = Signal(Fix)

    def __init__(self, theme: Theme, fix: Fix) -> None:
        super().__init__(icon(theme, "fix", "accent"), "")
        self._fix = fix
        text = fix.text.rstrip(".")
        self.setText("\n".join(_lines(self.fontMetrics(), text)).replace("&", "&&"))
        self.setProperty("role", "fix")
        self.setAccessibleName(text)
        self.setToolTip(plain_tooltip(fix.text))
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self) -> None:
        self.chosen.emit(self._fix)


def _lines(metrics: QFontMetrics, text: str) -> list[str]:
    """Return the words in lines, for a button does not wrap; what no line holds is elided."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (metrics.horizontalAdvance(longer) <= _WIDEST or len(lines) == _LINES):
            lines[-1] = longer
        else:
            lines.append(word)
    elide = Qt.TextElideMode.ElideRight
    return [metrics.elidedText(line, elide, _WIDEST) for line in lines]

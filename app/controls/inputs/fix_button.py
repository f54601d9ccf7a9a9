"""A button that applies the fix of a diagnostic."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QPushButton

from app.text.phrases import plain_tooltip
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.core.diagnostic import Fix

_LINE_WIDTH = 196  # pixels of a text line, so that a button fits a panel of 280 pixels
_MAX_LINES = 3  # the tooltip shows the full text


class FixButton(QPushButton):
    """A button for one fix that the program can apply.

    Signals:
        fix_requested: the button was pressed; sends the fix.
    """

    fix_requested = Signal(Fix)

    def __init__(self, theme: Theme, fix: Fix) -> None:
        super().__init__(icon(theme, "fix", "accent"), "", toolTip=plain_tooltip(fix.text))
        self._fix = fix
        text = fix.text.rstrip(".")
        self.setText("\n".join(_wrap(self.fontMetrics(), text)).replace("&", "&&"))
        self.setProperty("role", "fix")
        self.setAccessibleName(text)
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self) -> None:
        self.fix_requested.emit(self._fix)


def _wrap(metrics: QFontMetrics, text: str) -> list[str]:
    """Return the lines of a wrapped text; wide lines are elided. Push buttons can't wrap text."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (metrics.horizontalAdvance(longer) <= _LINE_WIDTH or len(lines) == _MAX_LINES):
            lines[-1] = longer
        else:
            lines.append(word)
    elide = Qt.TextElideMode.ElideRight
    return [metrics.elidedText(line, elide, _LINE_WIDTH) for line in lines]

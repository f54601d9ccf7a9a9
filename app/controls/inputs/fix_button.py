"""A button that applies the fix of a diagnostic."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QPushButton

from app.text.phrases import plain_tooltip
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.core.diagnostic import Fix

_LINE_WIDTH = 196  # pixels of a text line, so that a button fits a panel of 280 pixels
_MAX_LINES = 3  # the tooltip shows the full text


class FixButton(QPushButton):
    """A button that calls `apply` with a fix that the program can apply."""

    def __init__(self, theme: Theme, fix: Fix, apply: Callable[[Fix], object]) -> None:
        super().__init__(icon(theme, "fix", "accent"), "", toolTip=plain_tooltip(fix.text))
        text = fix.text.rstrip(".")
        self.setText("\n".join(_wrap(self.fontMetrics(), text)).replace("&", "&&"))
        self.setProperty("role", "fix")
        self.setAccessibleName(text)
        self.clicked.connect(partial(apply, fix))


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

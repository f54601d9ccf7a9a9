"""A button for a way out of a finding that works by itself."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton

from app.icons import icon
from app.theme import Theme
from app.words import plain_tip
from engine.core.diagnostic import Fix

_WIDEST = 212  # pixels of its words; the tool tip says all


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
        text, elide = fix.text.rstrip("."), Qt.TextElideMode.ElideRight
        self.setText(self.fontMetrics().elidedText(text, elide, _WIDEST).replace("&", "&&"))
        self.setAccessibleName(text)
        self.setToolTip(plain_tip(fix.text))
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self) -> None:
        self.chosen.emit(self._fix)

"""Why the data can't be read: in words, with a button for what the window can do about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.controls import Note
from app.controls.fix_button import FixButton
from app.theme import Theme
from app.words import advice, breakable, capital, ended
from engine.core.diagnostic import Diagnostic, Fix

_MOST = 3  # findings that are told; a file with more is told by the first ones


class Problem(QWidget):
    """A note above the table; hidden while all is well.

    Signals:
        mend: a fix that was asked for.
    """

    mend = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.note = Note(theme, "error")
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        self._found: tuple[Diagnostic, ...] = ()
        self._offered: list[FixButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 10, 6)
        column.setSpacing(6)
        column.addWidget(self.note)
        column.addLayout(self._buttons)
        self.hide()

    def show_findings(self, found: Sequence[Diagnostic]) -> None:
        """Tell these findings."""
        if tuple(found) == self._found:
            return
        self._found = tuple(found)
        self.setVisible(bool(found))
        self.note.show_message("error", "\n".join(map(in_words, found[:_MOST])))
        for button in self._offered:
            self._buttons.removeWidget(button)
            button.deleteLater()
        self._offered = [
            self._made(fix) for each in found[:_MOST] for fix in each.fixes if fix.edit
        ]
        for button in self._offered:
            self._buttons.addWidget(button)

    def _made(self, fix: Fix) -> FixButton:
        button = FixButton(self._theme, fix)
        button.chosen.connect(self.mend)
        return button


def in_words(found: Diagnostic) -> str:
    """Answer a finding as sentences: what, where, what was expected, what to do."""
    parts = [capital(found.message)]
    if found.place and found.place not in found.message and "/" not in found.place:
        parts[0] += f" ({found.place})"
    if found.expected:
        parts.append(f"Expected: {found.expected}")
    parts += advice(fix for fix in found.fixes if not fix.edit)[:1]
    return breakable(" ".join(map(ended, parts)))

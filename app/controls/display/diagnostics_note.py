"""Findings as a note in words, with a button for each thing that the window can do about them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from app.controls.display.labels import Note
from app.controls.inputs.fix_button import FixButton
from app.text.phrases import capitalize, count_noun, window_fixes, with_period, wrap_long_words
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, Fix

_MOST = 3  # findings that are told; a file with more is told by the first ones
_WIDE = 560  # pixels from which on buttons stand beside the words
_BESIDE, _BELOW = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


class FindingsNote(QWidget):
    """A note that is hidden while all is well.

    Signals:
        mend: a fix that was asked for.
    """

    mend = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.note = Note(theme, "error")
        self._buttons = QVBoxLayout()
        self._buttons.setSpacing(6)
        self._found: tuple[Diagnostic, ...] = ()
        self._head = ""
        self._offered: list[FixButton] = []
        self._whole = QBoxLayout(_BELOW, self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(6)
        self._whole.addWidget(self.note, 1)
        self._whole.addLayout(self._buttons)
        self.hide()

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """What is told."""
        return self._found

    def show_findings(self, found: Sequence[Diagnostic], head: str = "") -> None:
        """Tell these findings.

        Args:
            found: the findings.
            head: what came of them, told first.
        """
        if (tuple(found), head) == (self._found, self._head):
            return
        self._found, self._head = tuple(found), head
        self.setVisible(bool(found))
        told = [*([head] if head else []), *(in_words(each) for each in found[:_MOST])]
        if len(found) > _MOST:
            told.append(f"{count_noun(len(found) - _MOST, 'more finding')} like these.")
        self.note.show_message(found[0].severity if found else "error", "\n".join(told))
        for button in self._offered:
            self._buttons.removeWidget(button)
            button.hide()
            button.deleteLater()
        fixes = {fix.text: fix for each in found[:_MOST] for fix in each.fixes if fix.edit}
        self._offered = [self._made(fix) for fix in fixes.values()]
        for button in self._offered:
            self._buttons.addWidget(button)

    def _made(self, fix: Fix) -> FixButton:
        button = FixButton(self._theme, fix)
        button.setAutoDefault(False)
        button.chosen.connect(self.mend)
        return button

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons beside the words where there is room for both."""
        super().resizeEvent(event)
        self._whole.setDirection(_BESIDE if self.width() >= _WIDE else _BELOW)


def in_words(found: Diagnostic) -> str:
    """Return a finding as sentences: what, where, what was expected, what to do."""
    parts = [capitalize(found.message)]
    place = (found.place or "").removeprefix("column ")
    if place and place not in found.message and "/" not in place:
        if "(" in place:
            parts.append(f"Where: {found.place}")
        else:
            parts[0] += f" ({found.place})"
    if found.found and found.found not in found.message:
        parts.append(f"Found: {found.found}")
    if found.expected:
        parts.append(f"Expected: {found.expected}")
    parts += window_fixes(fix for fix in found.fixes if not fix.edit)[:1]
    return wrap_long_words(" ".join(map(with_period, parts)))

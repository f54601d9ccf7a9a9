"""A note that shows diagnostics as text, with a button for each fix."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.controls.display.labels import InlineMessage
from app.controls.inputs.fix_button import FixButton
from app.controls.layout.boxes import clear_layout, column_layout
from app.text.diagnostic_text import diagnostic_paragraph
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, Fix
from engine.core.formatting.counts import count_noun

_MAX_SHOWN = 3  # how many diagnostics are shown; the others are only counted
_MIN_WIDE = 560  # pixels; a narrower note has its buttons below the text
_BESIDE, _BELOW = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


class DiagnosticsNote(QWidget):
    """A note with fix buttons, hidden while there is no diagnostic.

    Signals:
        fix_requested: the button of a `Fix` was pressed.
    """

    fix_requested = Signal(Fix)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.note = InlineMessage(theme, "error")
        self._buttons = column_layout(spacing=6)
        self.diagnostics: tuple[Diagnostic, ...] = ()
        self._summary = ""
        self._layout = QBoxLayout(_BELOW, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addWidget(self.note, 1)
        self._layout.addLayout(self._buttons)
        self.hide()

    def show_diagnostics(self, diagnostics: Sequence[Diagnostic], summary: str = "") -> None:
        """Show diagnostics below a summary; an empty sequence hides the note."""
        if (tuple(diagnostics), summary) == (self.diagnostics, self._summary):
            return
        self.diagnostics, self._summary = tuple(diagnostics), summary
        self.setVisible(bool(diagnostics))
        shown = diagnostics[:_MAX_SHOWN]
        texts = [*([summary] if summary else []), *map(diagnostic_paragraph, shown)]
        if len(diagnostics) > _MAX_SHOWN:
            texts.append(f"{count_noun(len(diagnostics) - _MAX_SHOWN, 'more problem')} like these.")
        severity = diagnostics[0].severity if diagnostics else "error"
        self.note.show_message(severity, "\n".join(texts))
        clear_layout(self._buttons)
        fixes = {fix.text: fix for diagnostic in shown for fix in diagnostic.fixes if fix.edit}
        for fix in fixes.values():
            button = FixButton(self._theme, fix, self.fix_requested.emit)
            button.setAutoDefault(False)
            self._buttons.addWidget(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the buttons beside the text if the note is wide enough."""
        super().resizeEvent(event)
        self._layout.setDirection(_BESIDE if self.width() >= _MIN_WIDE else _BELOW)

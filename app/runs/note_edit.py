"""The editor of the note of a run, which saves while the user types."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPlainTextEdit

from engine.core.diagnostic import DiagnosticError
from engine.runs.folder import notes

_SAVE_DELAY = 700  # milliseconds after the last key press


class NoteEdit(QPlainTextEdit):
    """A text field for the note of one run.

    Signals:
        saved: the note was saved.
        save_failed: the note could not be saved; sends the error message.
    """

    saved = Signal()
    save_failed = Signal(str)

    def __init__(self) -> None:
        super().__init__(accessibleName="Note about the run")
        self._run: Path | None = None
        self._saved_text = ""
        self.setTabChangesFocus(True)
        self._timer = QTimer(self, singleShot=True, interval=_SAVE_DELAY, timeout=self.save)
        self.textChanged.connect(self._on_text_changed)
        self.show_note(None, "")

    def show_note(self, run: Path | None, text: str) -> None:
        """Save the previous run's note, then show the note of `run`; None disables the field."""
        if run is not None and run == self._run:
            # Another program has changed the note: show it, unless the user has typed meanwhile.
            if text != self._saved_text and self.toPlainText() == self._saved_text:
                self._set_text(text)
            return
        self.save()
        self._run = run
        self.setEnabled(run is not None)
        hint = "What you tried, and how it went" if run else "Select one run to write a note"
        self.setPlaceholderText(hint)
        self._set_text(text)

    def _set_text(self, text: str) -> None:
        self._saved_text = text
        self.setPlainText(text)
        self._timer.stop()

    def save(self) -> None:
        """Save the note if it was edited."""
        self._timer.stop()
        text = self.toPlainText()
        if self._run is None or text == self._saved_text:
            return
        try:
            notes.set_text(self._run, text)
        except DiagnosticError as error:
            self.save_failed.emit(error.diagnostics[0].message)
            return
        self._saved_text = text
        self.saved.emit()

    def _on_text_changed(self) -> None:
        if self.toPlainText() != self._saved_text:
            self._timer.start()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.save()

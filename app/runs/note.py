"""What a person writes about one run, kept beside it as it is typed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from engine.core.diagnostic import DiagnosticError
from engine.runs.folder import notes

_SETTLE = 700  # milliseconds after the last key


class NoteEdit(QPlainTextEdit):
    """Holds the note of one run.

    Signals:
        noted: it was written down.
        refused: a sentence that says why it was not.
    """

    noted = Signal()
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Path | None = None
        self._kept = ""
        self.setObjectName("run-note")
        self.setAccessibleName("Note about the run")
        self.setTabChangesFocus(True)
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE)
        self._timer.timeout.connect(self.keep)
        self.textChanged.connect(self._on_text_changed)
        self.show_note(None, "")

    def show_note(self, run: Path | None, text: str) -> None:
        """Show the note of another run; None for none."""
        if run is not None and run == self._run:
            if text != self._kept and self.toPlainText() == self._kept:
                self._show(text)
            return
        self.keep()
        self._run = run
        self.setEnabled(run is not None)
        self.setPlaceholderText(
            "What was tried here, and what came of it" if run else "Choose one run to write about"
        )
        self._show(text)

    def _show(self, text: str) -> None:
        self._kept = text
        self.setPlainText(text)
        self._timer.stop()

    def keep(self) -> None:
        """Write down what was typed."""
        self._timer.stop()
        text = self.toPlainText()
        if self._run is None or text == self._kept:
            return
        try:
            notes.annotate(self._run, text)
        except DiagnosticError as refusal:
            self.refused.emit(refusal.diagnostics[0].message)
            return
        self._kept = text
        self.noted.emit()

    def _on_text_changed(self) -> None:
        if self.toPlainText() != self._kept:
            self._timer.start()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Write it down before something else is done."""
        super().focusOutEvent(event)
        self.keep()

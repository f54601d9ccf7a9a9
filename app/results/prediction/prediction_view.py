"""What the network says of the row in the form: answers, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.controls import Note
from app.results.charts.probability_bars import Said
from app.theme.theme import Theme

_FINDINGS = 3
_SOON = 150  # milliseconds that an answer may take before the last one is drawn faint
FILL_IN = "Fill in a row: the answers follow as you type."
MARKED = "No answer: a field is marked, and says what is wrong."


class Answers(QScrollArea):
    """A card for each output; faint while what was typed since has no answer."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.said: list[Said] = []
        self._late = QTimer(self, singleShot=True, interval=_SOON)
        self._late.timeout.connect(self._on_late)
        inside = QWidget()
        self._rows = QVBoxLayout(inside)
        self._rows.setContentsMargins(0, 0, 6, 4)
        self._rows.setSpacing(8)
        self.hint = QLabel(FILL_IN)
        self.hint.setProperty("role", "dim")
        self.hint.setWordWrap(True)
        self._rows.addWidget(self.hint)
        self.notes = [Note(theme, "error") for _ in range(_FINDINGS)]
        for note in self.notes:
            note.hide()
            self._rows.addWidget(note)
        self._rows.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Answers")
        self.setWidget(inside)

    def show_answers(self, outputs: Sequence[Mapping[str, Any]]) -> None:
        """Show what each output says of the row that stands in the form."""
        self._late.stop()
        while len(self.said) < len(outputs):
            self.said.append(Said(self._theme))
            self._rows.insertWidget(self._rows.count() - 1, self.said[-1])
        for place, each in enumerate(self.said):
            each.setVisible(place < len(outputs))
            each.set_old(False)
            if place < len(outputs):
                each.show_said(outputs[place])
        self._tell("", ())

    def show_none(self, hint: str, notes: Sequence[str] = ()) -> None:
        """Take the answers away, since they are none to what stands in the form.

        Args:
            hint: what a person can do to get one.
            notes: what is wrong with the row as a whole.
        """
        self._late.stop()
        for each in self.said:
            each.hide()
        self._tell(hint, notes)

    def wait(self) -> None:
        """Wait for the answer to what was typed just now."""
        if not self._late.isActive():
            self._late.start()

    def _tell(self, hint: str, notes: Sequence[str]) -> None:
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        for place, note in enumerate(self.notes):
            note.setVisible(place < len(notes))
            if place < len(notes):
                note.show_message("error", notes[place])

    def _on_late(self) -> None:
        for each in self.said:
            each.set_old(True)

"""A view of the predictions for the row in the form, or of the reason why there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QWidget

from app.controls import InlineMessage
from app.controls.layout.boxes import column_layout
from app.results.charts.probability_bars import PredictionCard
from app.theme.theme import Theme

_MAX_NOTES = 3
_OUTDATED_DELAY = 150  # milliseconds after which the previous prediction is drawn faint
FILL_IN_HINT = "Fill in a row; predictions update as you type."
INVALID_FIELD_HINT = "No prediction: fix the highlighted field."


class PredictionView(QScrollArea):
    """A scrollable list of prediction cards, which are faint while new predictions are awaited."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        self._theme = theme
        self.cards: list[PredictionCard] = []
        self._outdated_timer = QTimer(self, singleShot=True, interval=_OUTDATED_DELAY)
        self._outdated_timer.timeout.connect(self._on_outdated)
        content = QWidget()
        self._layout = column_layout(parent=content, margins=(0, 0, 6, 4), spacing=8)
        self.hint = QLabel(FILL_IN_HINT, wordWrap=True)
        self.hint.setProperty("role", "dim")
        self._layout.addWidget(self.hint)
        self.notes = [InlineMessage(theme, "error") for _ in range(_MAX_NOTES)]
        for note in self.notes:
            note.hide()
            self._layout.addWidget(note)
        self._layout.addStretch(1)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Predictions")
        self.setWidget(content)

    def show_predictions(
        self, outputs: Sequence[Mapping[str, Any]], targets: Mapping[str, str]
    ) -> None:
        """Show the predictions of all outputs for the row in the form, and its targets, if known.

        `targets` has the targets by output name.
        """
        self._outdated_timer.stop()
        while len(self.cards) < len(outputs):
            self.cards.append(PredictionCard(self._theme))
            self._layout.insertWidget(self._layout.count() - 1, self.cards[-1])
        for index, card in enumerate(self.cards):
            card.setVisible(index < len(outputs))
            card.set_outdated(False)
            if index < len(outputs):
                card.show_prediction(outputs[index], targets.get(str(outputs[index]["name"]), ""))
        self._show_messages("", ())

    def show_hint(self, hint: str, notes: Sequence[str] = ()) -> None:
        """Hide the predictions, and show why the row in the form has no prediction.

        Args:
            hint: how to get a prediction; "" for no hint.
            notes: errors that do not belong to a single field.
        """
        self._outdated_timer.stop()
        for card in self.cards:
            card.hide()
        self._show_messages(hint, notes)

    def start_waiting(self) -> None:
        """Mark the predictions as outdated after a short delay, unless new ones arrive earlier."""
        if not self._outdated_timer.isActive():
            self._outdated_timer.start()

    def _show_messages(self, hint: str, notes: Sequence[str]) -> None:
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        for index, note in enumerate(self.notes):
            note.setVisible(index < len(notes))
            if index < len(notes):
                note.show_message("error", notes[index])

    def _on_outdated(self) -> None:
        for card in self.cards:
            card.set_outdated(True)

"""A row is typed, and the network answers: in labels, in units, with its doubts as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import icons
from app.controls import EmptyState, Note, NumberEdit
from app.controls.elided import Elided
from app.results.asking import Asking
from app.results.bars import Said
from app.results.form import RowForm
from app.results.words import told
from app.theme import Theme
from engine.core.diagnostic import Diagnostic

_PACE = 60  # milliseconds without a key before a row is asked
_KEPT = 60_000  # milliseconds that a network is kept ready though nobody sees it
_FINDINGS = 3
_WIDE = 620
_OPENING = ("Opening the network", "A few seconds, the first time.")


class PredictPage(QWidget):
    """Asks one run about rows.

    Signals:
        file_asked: predictions for a whole table are wanted.
    """

    file_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._run: Path | None = None
        self._data: Path | None = None
        self._base: tuple[str, int] | None = None  # the row that large cells are taken from
        self.form: RowForm | None = None
        self.said: list[Said] = []
        self.asking = Asking(self)
        self._pace = QTimer(self, singleShot=True, interval=_PACE)
        self._pace.timeout.connect(self._ask)
        self._rest = QTimer(self, singleShot=True, interval=_KEPT)
        self._rest.timeout.connect(self.rest)
        self._stack = QStackedWidget()
        self._waiting = EmptyState(theme, "time", *_OPENING)
        self._stack.addWidget(self._waiting)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._stack.addWidget(self._split)
        self._left, self._form_place = self._make_left()
        self._right, self._answers = self._make_right()
        self._split.addWidget(self._left)
        self._split.addWidget(self._right)
        self._split.setSizes([420, 520])
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 8, 0, 0)
        rows.addWidget(self._stack)
        self._connect()

    def _connect(self) -> None:
        self.asking.fields.connect(self._on_fields)
        self.asking.ready.connect(self._on_ready)
        self.asking.said.connect(self._on_said)
        self.asking.shown.connect(self._on_shown)
        self.asking.refused.connect(self._on_refused)

    def _make_left(self) -> tuple[QWidget, QScrollArea]:
        left = QWidget()
        self.row = NumberEdit(0, whole=True, minimum=0)
        self.row.setAccessibleName("Row to fill in")
        self.row.setFixedWidth(96)
        self.row.committed.connect(self._on_row_committed)
        name = QLabel("Row")
        name.setBuddy(self.row)
        self._of = Elided("")
        self._of.setProperty("role", "dim")
        self.clear_button = QPushButton("Clear")
        self.clear_button.setProperty("role", "quiet")
        self.clear_button.clicked.connect(self.clear)
        self.file_button = QPushButton(icons.icon(self._theme, "table"), "Predict a file…")
        self.file_button.clicked.connect(self.file_asked)
        self._row_line = QWidget()
        line = QHBoxLayout(self._row_line)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        for widget in (name, self.row):
            line.addWidget(widget)
        line.addWidget(self._of, 1)
        place = QScrollArea(widgetResizable=True)
        place.setFrameShape(QFrame.Shape.NoFrame)
        place.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        buttons = QHBoxLayout()
        buttons.addWidget(self.file_button)
        buttons.addStretch(1)
        buttons.addWidget(self.clear_button)
        rows = QVBoxLayout(left)
        rows.setContentsMargins(0, 0, 8, 4)
        rows.setSpacing(8)
        rows.addWidget(self._row_line)
        rows.addWidget(place, 1)
        rows.addLayout(buttons)
        return left, place

    def _make_right(self) -> tuple[QScrollArea, QVBoxLayout]:
        inside = QWidget()
        answers = QVBoxLayout(inside)
        answers.setContentsMargins(8, 0, 6, 4)
        answers.setSpacing(8)
        self._hint = QLabel("Fill in a row: the answers follow as you type.")
        self._hint.setProperty("role", "dim")
        self._hint.setWordWrap(True)
        answers.addWidget(self._hint)
        self.notes = [Note(self._theme, "error") for _ in range(_FINDINGS)]
        for note in self.notes:
            note.hide()
            answers.addWidget(note)
        answers.addStretch(1)
        right = QScrollArea(widgetResizable=True)
        right.setFrameShape(QFrame.Shape.NoFrame)
        right.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        right.setAccessibleName("Answers")
        right.setWidget(inside)
        return right, answers

    # The run.

    def set_run(self, run: Path | None, data: Path | None) -> None:
        """Ask another run, or one that could not be asked before.

        Args:
            run: its folder.
            data: the table that rows are taken from.
        """
        if (run, data) != (self._run, self._data):
            self.rest()
            self._run, self._data = run, data if data is not None and data.exists() else None
            self._row_line.setVisible(self._data is not None)
            if self._data is not None:
                folder = "the folder " if self._data.is_dir() else ""
                self._of.set_text(f"of {folder}{self._data.name}", str(self._data))
        if self.isVisible():
            self._begin()

    def rest(self) -> None:
        """Give the network's memory back; it is opened again when it is wanted."""
        self.asking.stop()
        self._base = None
        self._stack.setCurrentIndex(0)

    def _begin(self) -> None:
        self._rest.stop()
        if self._run is not None and not self.asking.running:
            self._waiting.set_message(*_OPENING)
            self._stack.setCurrentIndex(0)
            self.asking.start(self._run)

    def _on_fields(self, fields: Sequence[Mapping[str, Any]]) -> None:
        self.form = RowForm(self._theme, fields)
        self.form.edited.connect(self._on_edited)
        self._form_place.setWidget(self.form)
        for each in self.said:
            each.hide()
        self._stack.setCurrentIndex(1)
        if self._data is not None:
            self._on_row_committed(self.row.value or 0)

    def _on_ready(self) -> None:
        self._show_hint()

    # Rows.

    def show_row(self, row: int) -> None:
        """Fill a row of the table in."""
        self.row.set_value(row)
        if self.form is not None and self.asking.running:
            self._on_row_committed(row)

    def _on_row_committed(self, row: object) -> None:
        if self._data is None or not isinstance(row, int):
            return
        self._base = (str(self._data.absolute()), row)
        self.asking.ask({"data": self._base[0], "row": row, "show": True})

    def _on_shown(self, cells: Mapping[str, str]) -> None:
        if self.form is not None:
            self.form.fill(cells)

    def clear(self) -> None:
        """Empty all fields."""
        self._base = None
        if self.form is not None:
            self.form.fill(dict.fromkeys(self.form.fields, ""))

    def _on_edited(self) -> None:
        self._pace.start()

    def _ask(self) -> None:
        form = self.form
        if form is None:
            return
        values = None if form.empty else form.values()
        if values is None:
            self._show_hint()
            return
        question: dict[str, Any] = {"cells": values}
        if form.needs_row and self._base is not None:
            question |= {"data": self._base[0], "row": self._base[1]}
        self.asking.ask(question)

    def _show_hint(self) -> None:
        form = self.form
        empty = form is None or form.empty
        broken = form is not None and not form.empty and form.values() is None
        self._hint.setVisible(empty or broken)
        self._hint.setText(
            "A field that is marked holds no number." if broken
            else "Fill in a row: the answers follow as you type."
        )  # fmt: skip
        if empty:
            for each in (*self.said, *self.notes):
                each.hide()

    # Answers.

    def _on_said(self, outputs: Sequence[Mapping[str, Any]]) -> None:
        while len(self.said) < len(outputs):
            self.said.append(Said(self._theme))
            self._answers.insertWidget(self._answers.count() - 1, self.said[-1])
        for place, each in enumerate(self.said):
            each.setVisible(place < len(outputs))
            if place < len(outputs):
                each.show_said(outputs[place])
        for note in self.notes:
            note.hide()
        self._show_hint()

    def _on_refused(self, found: Sequence[Diagnostic]) -> None:
        self._hint.hide()
        if self.form is None or not self.asking.running:
            words = told(found[0]) if found else "The engine gave no answer."
            self._waiting.set_message("This run can't be asked", words)
            self._stack.setCurrentIndex(0)
            return
        for each in self.said:
            each.hide()
        for place, note in enumerate(self.notes):
            note.setVisible(place < len(found))
            if place < len(found):
                note.show_message("error", told(found[place]))

    # Coming and going.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put answers below the form where there is no room beside it."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        self._split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def showEvent(self, event: QShowEvent) -> None:
        """Open the network, once somebody wants to ask it."""
        super().showEvent(event)
        self._begin()

    def hideEvent(self, event: QHideEvent) -> None:
        """Give the memory back after a while."""
        super().hideEvent(event)
        self._rest.start()

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
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.controls import EmptyState, Heading
from app.controls.display.diagnostics_note import FindingsNote
from app.results.evaluation.checkpoint_choice import ENDED, Weights
from app.results.evaluation.row_picker import RowLine
from app.results.phrases import of_cell, told
from app.results.prediction.input_form import RowForm
from app.results.prediction.prediction_client import Asking
from app.results.prediction.prediction_view import FILL_IN, MARKED, Answers
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic
from engine.runs.evaluation import WEIGHTS
from engine.runs.folder.run_folder import MODEL

_PACE = 60  # milliseconds without a key before a row is asked
_KEPT = 60_000  # milliseconds that a network is kept ready though nobody sees it
_WIDE, _WIDEST = 560, 1040  # pixels of form and answers side by side
_HIGH = 400  # of both, one below the other
_OPENING = ("Opening the network", "A few seconds, the first time.")
_ASKED, _SAID = "The row", "What the network answers"


class PredictPage(QWidget):
    """Asks one run about rows. What a person has typed stays until the person takes it away.

    Signals:
        file_asked: predictions for a whole table are wanted.
    """

    file_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._run: Path | None = None
        self.weights = ENDED
        self._data: Path | None = None
        self._base: tuple[str, int] | None = None  # the row that large cells are taken from
        self._asked: Mapping[str, Any] | None = None  # the cells of the last question
        self._typed = self._filling = self._awaits_row = False
        self.form: RowForm | None = None
        self.line = RowLine(theme)
        self.row = self.line.row
        self.of_file = FindingsNote(theme)
        self.answers = Answers(theme)
        self._by = QLabel()
        self._by.setProperty("role", "dim")
        self._by.setWordWrap(True)
        self.asking = Asking(self)
        self._pace = QTimer(self, singleShot=True, interval=_PACE)
        self._pace.timeout.connect(self._ask)
        self._rest = QTimer(self, singleShot=True, interval=_KEPT)
        self._rest.timeout.connect(self.rest)
        self._see = QTimer(self, singleShot=True, interval=0)  # once there is room for the words
        self._see.timeout.connect(self._on_see)
        self._waiting = EmptyState(theme, "time", *_OPENING)
        self._form_place = QScrollArea(widgetResizable=True)
        self._form_place.setFrameShape(QFrame.Shape.NoFrame)
        self._form_place.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._right = _titled(_SAID, self._by, self.answers)
        self._split.addWidget(_titled(_ASKED, self._form_place))
        self._split.addWidget(self._right)
        self._split.setSizes([480, 520])
        self._stack = QStackedWidget()
        self._stack.addWidget(self._waiting)
        self._stack.addWidget(self._make_body())
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 8, 0, 0)
        rows.addWidget(self._stack)
        self._connect()

    def _make_body(self) -> QWidget:
        body = QWidget()
        body.setMaximumWidth(_WIDEST)  # so that an answer stands beside its row
        rows = QVBoxLayout(body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        rows.addWidget(self.line)
        rows.addWidget(self.of_file)
        rows.addWidget(self._split, 1)
        page = QWidget()
        beside = QHBoxLayout(page)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(body, 1)
        beside.addStretch(0)
        return page

    def _connect(self) -> None:
        self.line.row_chosen.connect(self._fill_in)
        self.line.clear_asked.connect(self.clear)
        self.line.file_asked.connect(self.file_asked)
        self.asking.fields.connect(self._on_fields)
        self.asking.ready.connect(self._on_ready)
        self.asking.said.connect(self._on_said)
        self.asking.shown.connect(self._on_shown)
        self.asking.refused.connect(self._on_refused)

    # The run.

    def set_run(self, run: Path | None, data: Path | None, weights: Weights = ENDED) -> None:
        """Ask another run, or one that could not be asked before.

        Args:
            run: its folder.
            data: the table that rows are taken from.
            weights: those that answer, as far as the run has them.
        """
        if run != self._run:
            self.of_file.show_findings(())
        found = data if data is not None and data.exists() else None
        before = (self._run, self._data, self.weights)
        if (run, found, weights) != before or (run and self._is_outdated(run)):
            self.rest()
        if found != self._data:
            self._base = None
        self._run, self._data, self.weights = run, found, weights
        self.line.show_data(found)
        if self.isVisible():
            self._begin()

    def _is_outdated(self, run: Path) -> bool:
        """Return whether others answer than are asked for, which have come since."""
        return self.asking.weights not in ("", self.weights.name) and (run / MODEL).exists()

    def rest(self) -> None:
        """Give the network's memory back; it is opened again when it is wanted."""
        self.asking.stop()
        self._awaits_row = False
        self._stack.setCurrentIndex(0)

    def _begin(self) -> None:
        self._rest.stop()
        if self._run is not None and not self.asking.running:
            self._waiting.set_message(*_OPENING)
            self._stack.setCurrentIndex(0)
            self.asking.start(self._run, self.weights.name)

    def _on_ready(self) -> None:
        """Say which weights answer, which may be others than were asked for."""
        loaded, asked = self.asking.weights, self.weights
        text = asked.text if loaded in ("", asked.name) else WEIGHTS.get(loaded, loaded)
        self._by.setText(f"Answered by {text}")

    def show_refused(self, data: Path, found: Sequence[Diagnostic]) -> None:
        """Say why the rows of a file get no answers, until another one is asked about."""
        self.of_file.show_findings(found, f"The rows of {data.name} were not predicted.")

    def _on_fields(self, fields: Sequence[Mapping[str, Any]]) -> None:
        """Show a form for the run's columns; what was typed is carried over by its column."""
        before = self.form
        if before is None or [edit.field for edit in before.fields.values()] != list(fields):
            self.form = RowForm(self._theme, fields)
            self.form.edited.connect(self._on_edited)
            self._form_place.setWidget(self.form)
        self.answers.show_none(FILL_IN)
        self._stack.setCurrentIndex(1)
        lacks_row = self.form is not None and self.form.needs_row and self._base is None
        if before is not None and self._typed and not lacks_row:
            self._fill(before.texts)
        elif self._data is not None:
            self._fill_in(int(self.row.value or 0))

    # Rows.

    def show_row(self, row: int) -> None:
        """Fill a row of the table in."""
        self.row.set_value(row)
        self._typed = False
        if self.form is not None and self.asking.running:
            self._fill_in(row)

    def _fill_in(self, row: int) -> None:
        if self._data is None:
            return
        self._base = (str(self._data.absolute()), row)
        self._awaits_row = True
        self._pace.stop()  # what stands in the form goes
        self.asking.ask({"data": self._base[0], "row": row, "show": True})

    def _on_shown(self, cells: Mapping[str, str]) -> None:
        """Fill the row in that was asked for, unless a person has typed meanwhile."""
        if self._awaits_row and not self.asking.busy:  # else another row was chosen since
            self._awaits_row = self._typed = False
            self._fill(cells)

    def _fill(self, cells: Mapping[str, str]) -> None:
        if self.form is not None:
            self._filling = True
            self.form.fill(cells)
            self._filling = False

    def clear(self) -> None:
        """Empty all fields."""
        self._base = None
        self._awaits_row, self._typed = False, True
        if self.form is not None:
            self._fill(dict.fromkeys(self.form.fields, ""))

    def _on_edited(self) -> None:
        if not self._filling:
            self._typed, self._awaits_row = True, False
        form = self.form
        if form is not None and (form.empty or form.values() is None):
            self._pace.stop()
            self._show_none(form)
        else:
            self.answers.wait()
            self._pace.start()

    def _show_none(self, form: RowForm) -> None:
        """Say that what stands in the form can't be asked."""
        self._asked = None
        self._tell({}, {})
        self.answers.show_none(FILL_IN if form.empty else MARKED)

    def _ask(self) -> None:
        values = None if self.form is None else self.form.values()
        if self.form is None or values is None:
            return
        self._asked = values
        question: dict[str, Any] = {"cells": values}
        if self.form.needs_row and self._base is not None:
            question |= {"data": self._base[0], "row": self._base[1]}
        self.asking.ask(question)

    # Answers.

    @property
    def _is_current(self) -> bool:
        """Whether the answer that has come is one to what stands in the form."""
        form = self.form
        return form is not None and not form.empty and form.values() == self._asked

    def _on_said(self, outputs: Sequence[Mapping[str, Any]], notes: Mapping[str, str]) -> None:
        if self.form is not None and self._is_current:
            self._tell({}, notes)
            self.answers.show_answers(outputs)

    def _on_refused(self, found: Sequence[Diagnostic]) -> None:
        form = self.form
        if form is None or not self.asking.running:
            words = told(found[0]) if found else "The engine gave no answer."
            self._waiting.set_message("This run can't be asked", words)
            self._stack.setCurrentIndex(0)
            return
        if self.asking.busy:
            return  # something else has been asked since
        if self._awaits_row:  # the row is not there
            self._awaits_row = False
        elif not self._is_current:
            return
        cells = [(column, each) for each in found if (column := of_cell(each)) in form.fields]
        rest = [told(each) for each in found if of_cell(each) not in form.fields]
        self._tell({column: told(each, beside=True) for column, each in reversed(cells)}, {})
        self.answers.show_none("" if rest else MARKED, rest)

    def _tell(self, errors: Mapping[str, str], warnings: Mapping[str, str]) -> None:
        """Say what there is to say of each column, in sight of the person who types."""
        if self.form is None:
            return
        self.form.tell(errors, warnings)
        self._see.start()

    def _on_see(self) -> None:
        edit = None if self.form is None else self.form.focused
        if edit is not None and edit.told:
            _bring_in_sight(edit)

    # Coming and going.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put answers below the form where there is no room beside it."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        self._split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
        self._split.setMinimumHeight(0 if wide else _HIGH)
        self._right.setContentsMargins(10 if wide else 0, 0 if wide else 6, 0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Open the network, once somebody wants to ask it."""
        super().showEvent(event)
        self._begin()

    def hideEvent(self, event: QHideEvent) -> None:
        """Give the memory back after a while."""
        super().hideEvent(event)
        self._rest.start()


def _bring_in_sight(widget: QWidget) -> None:
    """Scroll whatever holds a widget up or down, so that its lower end is seen."""
    place = widget.parentWidget()
    while place is not None:
        if isinstance(place, QScrollArea) and (inside := place.widget()) is not None:
            low = widget.mapTo(inside, widget.rect().bottomLeft())
            place.ensureVisible(place.horizontalScrollBar().value(), low.y(), 0, widget.height())
        place = place.parentWidget()


def _titled(title: str, *widgets: QWidget) -> QWidget:
    """Return widgets below their title; the last one has the room that is left."""
    whole = QWidget()
    rows = QVBoxLayout(whole)
    rows.setContentsMargins(0, 0, 8, 0)
    rows.setSpacing(6)
    rows.addWidget(Heading(title))
    for place, widget in enumerate(widgets, 1):
        rows.addWidget(widget, int(place == len(widgets)))
    return whole

"""The prediction page: a form for one row, and the predictions of a run for this row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSplitter, QWidget

from app.controls import EmptyState, Heading
from app.controls.display.diagnostics_note import DiagnosticsNote
from app.controls.layout.boxes import column_layout, page_stack, row_layout
from app.results.evaluation.checkpoint_choice import FINAL_WEIGHTS, CheckpointChoice
from app.results.evaluation.row_picker import RowPicker
from app.results.phrases import cell_column, error_text
from app.results.prediction.input_form import InputForm
from app.results.prediction.prediction_client import PredictionClient
from app.results.prediction.prediction_view import FILL_IN_HINT, INVALID_FIELD_HINT, PredictionView
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic
from engine.core.formatting.urls import absolute_text
from engine.runs.evaluation import WEIGHT_DESCRIPTIONS
from engine.runs.folder.run_folder import MODEL_FILE

_DEBOUNCE = 60  # milliseconds from the last edit to the request
_IDLE_TIMEOUT = 60_000  # milliseconds until the server of a hidden page is stopped
_MIN_HORIZONTAL, _MAX_WIDTH = 560, 1040  # pixels, with form and predictions next to each other
_MIN_VERTICAL = 400  # pixels of a page with the form above the predictions
_OPENING = ("Loading the network", "The first time takes a few seconds.")
_FORM_TITLE, _PREDICTION_TITLE = "Input row", "Prediction"


class PredictionPage(QWidget):
    """A page that predicts the row in a form. Edited fields are kept when the run changes.

    Signals:
        predict_file_requested: the user asks for predictions for a file.
    """

    predict_file_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._run: Path | None = None
        self.weights = FINAL_WEIGHTS
        self._data: Path | None = None
        self._source_row: tuple[str, int] | None = None  # table and row from which arrays are read
        self._targets: Mapping[str, str] = {}  # of the row in the form, by output
        self._last_values: Mapping[str, Any] | None = None  # the values in the last request
        self.is_edited = False  # whether the user has changed the row in the form
        self._is_filling = self._is_row_pending = False
        self.form: InputForm | None = None
        self.row_picker = RowPicker(theme)
        self.row_field = self.row_picker.row_field
        self.file_errors = DiagnosticsNote(theme)
        self.predictions = PredictionView(theme)
        self._weights_label = QLabel(wordWrap=True)
        self._weights_label.setProperty("role", "dim")
        self.client = PredictionClient(self)
        self._debounce_timer = QTimer(self, singleShot=True, interval=_DEBOUNCE)
        self._debounce_timer.timeout.connect(self._request_prediction)
        self._idle_timer = QTimer(self, singleShot=True, interval=_IDLE_TIMEOUT)
        self._idle_timer.timeout.connect(self.stop_client)
        self._scroll_timer = QTimer(self, singleShot=True, interval=0)  # fires after the layout
        self._scroll_timer.timeout.connect(self._on_scroll_timeout)
        self._placeholder = EmptyState(theme, "time", *_OPENING)
        self._form_area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        self._form_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        predictions = (self._weights_label, self.predictions)
        self._prediction_box = _make_titled_box(_PREDICTION_TITLE, *predictions)
        self._splitter.addWidget(_make_titled_box(_FORM_TITLE, self._form_area))
        self._splitter.addWidget(self._prediction_box)
        self._splitter.setSizes([480, 520])
        self._stack = page_stack(self._placeholder, self._make_body())
        column_layout(self._stack, parent=self, margins=(0, 8, 0, 0))
        self._connect()

    def _make_body(self) -> QWidget:
        body = QWidget()
        body.setMaximumWidth(_MAX_WIDTH)  # keeps the predictions close to the form
        items = (self.row_picker, self.file_errors, self._splitter)
        column_layout(*items, parent=body, spacing=8, stretch=self._splitter)
        page = QWidget()
        layout = row_layout(body, parent=page, stretch=body)
        layout.addStretch(0)
        return page

    def _connect(self) -> None:
        self.row_picker.row_chosen.connect(self._request_row)
        self.row_picker.clear_requested.connect(self.clear)
        self.row_picker.predict_file_requested.connect(self.predict_file_requested)
        self.client.fields_received.connect(self._on_fields)
        self.client.ready.connect(self._on_ready)
        self.client.predicted.connect(self._on_predicted)
        self.client.row_received.connect(self._on_row_received)
        self.client.failed.connect(self._on_failed)

    # Run.

    def set_run(
        self, run: Path | None, data: Path | None, weights: CheckpointChoice = FINAL_WEIGHTS
    ) -> None:
        """Set the run to predict with. If the page is visible, start the server if none is running.

        Args:
            run: the run folder; None for no run.
            data: the table whose rows can be copied to the form of input values.
            weights: the weights to load. If they are not saved yet, the newest checkpoint is used.
        """
        if run != self._run:
            self.file_errors.show_diagnostics(())
        table = data if data is not None and data.exists() else None
        previous = (self._run, self._data, self.weights)
        if (run, table, weights) != previous or (run and self._is_outdated(run)):
            self.stop_client()
        if table != self._data:
            self._source_row = None
        self._run, self._data, self.weights = run, table, weights
        self.row_picker.set_table(table)
        if self.isVisible():
            self._start_client()

    def _is_outdated(self, run: Path) -> bool:
        """Return whether the prediction server should load the weights of `run` again.

        It should if it has loaded other weights than the chosen ones (`self.weights`), and if `run`
        has saved its final weights. Until then, the chosen weights may not exist.
        """
        return self.client.weights not in ("", self.weights.name) and (run / MODEL_FILE).exists()

    def stop_client(self) -> None:
        """Stop the prediction server to free memory. Showing the page starts it again."""
        self.client.stop()
        self._is_row_pending = False
        self._stack.setCurrentIndex(0)

    def _start_client(self) -> None:
        self._idle_timer.stop()
        if self._run is not None and not self.client.is_running:
            self._placeholder.set_message(*_OPENING)
            self._stack.setCurrentIndex(0)
            self.client.start(self._run, self.weights.name)

    def _on_ready(self) -> None:
        """Show which weights predict: the loaded ones, which may differ from the requested ones."""
        loaded, requested = self.client.weights, self.weights
        text = WEIGHT_DESCRIPTIONS.get(loaded, loaded)
        if loaded in ("", requested.name):
            text = requested.text
        self._weights_label.setText(f"Predicted by {text}")

    def show_file_errors(self, data: Path, diagnostics: Sequence[Diagnostic]) -> None:
        """Show why a file could not be predicted."""
        text = f"The rows of {data.name} were not predicted."
        self.file_errors.show_diagnostics(diagnostics, text)

    def _on_fields(self, fields: Sequence[Mapping[str, Any]]) -> None:
        """Show a form with `fields`, one per column; keep what the user entered in the old form."""
        previous = self.form
        texts = {} if previous is None else previous.texts  # `setWidget` deletes the old form
        if previous is None or [edit.schema for edit in previous.fields.values()] != list(fields):
            self.form = InputForm(self._theme, fields)
            self.form.edited.connect(self._on_edited)
            self._form_area.setWidget(self.form)
        self.predictions.show_hint(FILL_IN_HINT)
        self._stack.setCurrentIndex(1)
        lacks_row = self.form is not None and self.form.requires_row and self._source_row is None
        if previous is not None and self.is_edited and not lacks_row:
            self._fill(texts)
        elif self._data is not None:
            self._request_row(int(self.row_field.value or 0))

    # Rows.

    def show_row(self, row: int) -> None:
        """Set the row number field to `row`, and fill the form with this row of the data file."""
        self.row_field.set_value(row)
        self.is_edited = False
        if self.form is not None and self.client.is_running:
            self._request_row(row)

    def _request_row(self, row: int) -> None:
        if self._data is None:
            return
        self._source_row = (absolute_text(self._data), row)
        self._is_row_pending = True
        self._debounce_timer.stop()  # the content of the form will be replaced
        self.client.request({"data": self._source_row[0], "row": row, "show": True})

    def _on_row_received(self, cells: Mapping[str, str], targets: Mapping[str, str]) -> None:
        """Fill in the requested row, unless the user has edited the form in the meantime.

        The targets of the row are shown beside its prediction.
        """
        # If the client is busy, another row was requested after this one.
        if self._is_row_pending and not self.client.is_busy:
            self._is_row_pending = self.is_edited = False
            self._fill(cells)
            self._targets = targets

    def _fill(self, cells: Mapping[str, str]) -> None:
        if self.form is not None:
            self._is_filling = True
            self.form.fill(cells)
            self._is_filling = False

    def clear(self) -> None:
        """Clear all fields."""
        self._source_row = None
        self._is_row_pending, self.is_edited = False, True
        if self.form is not None:
            self._fill(dict.fromkeys(self.form.fields, ""))

    def _on_edited(self) -> None:
        self._targets = {}  # of another row
        if not self._is_filling:
            self.is_edited, self._is_row_pending = True, False
        form = self.form
        if form is not None and (form.is_empty or form.values() is None):
            self._debounce_timer.stop()
            self._show_no_prediction(form)
        else:
            self.predictions.start_waiting()
            self._debounce_timer.start()

    def _show_no_prediction(self, form: InputForm) -> None:
        self._last_values = None
        self._show_messages({}, {})
        self.predictions.show_hint(FILL_IN_HINT if form.is_empty else INVALID_FIELD_HINT)

    def _request_prediction(self) -> None:
        values = None if self.form is None else self.form.values()
        if self.form is None or values is None:
            return
        self._last_values = values
        request: dict[str, Any] = {"cells": values}
        if self.form.requires_row and self._source_row is not None:
            request |= {"data": self._source_row[0], "row": self._source_row[1]}
        self.client.request(request)

    # Predictions.

    @property
    def _is_current(self) -> bool:
        """Whether the last request contained the current values of the form."""
        form = self.form
        return form is not None and not form.is_empty and form.values() == self._last_values

    def _on_predicted(self, outputs: Sequence[Mapping[str, Any]], notes: Mapping[str, str]) -> None:
        if self.form is not None and self._is_current:
            self._show_messages({}, notes)
            self.predictions.show_predictions(outputs, self._targets)

    def _on_failed(self, diagnostics: Sequence[Diagnostic]) -> None:
        form = self.form
        if form is None or not self.client.is_running:
            reason = "The engine process ended without a result."
            if diagnostics:
                reason = error_text(diagnostics[0])
            self._placeholder.set_message("This run can't predict", reason)
            self._stack.setCurrentIndex(0)
            return
        if self.client.is_busy:
            return  # a newer request is pending
        if self._is_row_pending:  # the requested row does not exist
            self._is_row_pending = False
        elif not self._is_current:
            return
        cell_errors: dict[str, str] = {}
        other_errors: list[str] = []
        for diagnostic in diagnostics:
            column = cell_column(diagnostic)
            if column in form.fields:
                cell_errors.setdefault(column, error_text(diagnostic, in_field=True))
            else:
                other_errors.append(error_text(diagnostic))
        self._show_messages(cell_errors, {})
        self.predictions.show_hint("" if other_errors else INVALID_FIELD_HINT, other_errors)

    def _show_messages(self, errors: Mapping[str, str], warnings: Mapping[str, str]) -> None:
        """Show messages, given by column, below the fields. Keep the focused field in view."""
        if self.form is None:
            return
        self.form.show_messages(errors, warnings)
        self._scroll_timer.start()

    def _on_scroll_timeout(self) -> None:
        edit = None if self.form is None else self.form.focused_field
        if edit is not None and edit.message:
            _scroll_into_view(edit)

    # Qt events.

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= _MIN_HORIZONTAL
        orientation = Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical
        self._splitter.setOrientation(orientation)
        self._splitter.setMinimumHeight(0 if is_wide else _MIN_VERTICAL)
        self._prediction_box.setContentsMargins(10 if is_wide else 0, 0 if is_wide else 6, 0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._start_client()

    def hideEvent(self, event: QHideEvent) -> None:
        """Start the timer that stops the prediction server unless the page is shown again soon."""
        super().hideEvent(event)
        self._idle_timer.start()


def _scroll_into_view(widget: QWidget) -> None:
    """Scroll all scroll areas around a widget vertically, so that its lower edge is visible."""
    ancestor = widget.parentWidget()
    while ancestor is not None:
        if isinstance(ancestor, QScrollArea) and (content := ancestor.widget()) is not None:
            x = ancestor.horizontalScrollBar().value()
            y = widget.mapTo(content, widget.rect().bottomLeft()).y()
            ancestor.ensureVisible(x, y, 0, widget.height())
        ancestor = ancestor.parentWidget()


def _make_titled_box(title: str, *widgets: QWidget) -> QWidget:
    """Return a title with widgets below it. The last widget takes the remaining height."""
    box = QWidget()
    items = (Heading(title), *widgets)
    column_layout(*items, parent=box, margins=(0, 0, 8, 0), spacing=6, stretch=widgets[-1])
    return box

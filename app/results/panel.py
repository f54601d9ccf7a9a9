"""The results panel: the evaluations of a run, and predictions for new rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QTabWidget, QWidget

from app.controls import EmptyState, InlineMessage
from app.controls.dialogs.file_dialog import open_file_dialog
from app.controls.layout.boxes import column_layout, page_stack
from app.results.charts.result_chart import to_csv
from app.results.evaluation.evaluation import EvaluationProcess, RowSource
from app.results.evaluation.output_page import OutputPage
from app.results.evaluation.scores_page import ScoresPage
from app.results.phrases import error_text
from app.results.prediction.prediction_page import PredictionPage
from app.results.toolbar import ResultsToolbar
from app.theme import icons
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from engine.recipe.csv_dialect import Dialect, parse_dialect
from engine.runs.evaluation import EvaluationRecord, OutputEvaluation, load_evaluations
from engine.runs.folder.run_folder import RunFolder
from engine.runs.score_table import score_rows

_MIN_WIDTH = 380


class ResultsPanel(QWidget):
    """The panel with the evaluations and the prediction form of one run.

    Signals:
        changed: the displayed run or results have changed, or an evaluation started or ended.
        export_requested: the dialog title, extension and content of a file to save.
        predict_file_requested: the user asks for predictions for a file.
        report_requested: the user asks for an HTML report.
        message_posted: a message for the status bar.
    """

    changed = Signal()
    export_requested = Signal(str, str, bytes)
    predict_file_requested = Signal()
    report_requested = Signal()
    message_posted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(minimumWidth=_MIN_WIDTH)
        self._theme = theme
        self.run: Path | None = None  # the folder of the shown run
        self._evaluations: list[EvaluationRecord] = []
        self.shown_results: EvaluationRecord | None = None
        self.data_path, self._dialect = Path(), Dialect()  # of the data of training
        self.evaluation = EvaluationProcess(self)
        self.toolbar = ResultsToolbar(theme)
        self.note = InlineMessage(theme, "error")
        self.note.hide()
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.tabBar().setAccessibleName("Results by output")
        self.prediction_page = PredictionPage(theme)
        self.output_pages: dict[str, OutputPage] = {}
        self._evaluate_action = QAction(icons.icon(theme, "play"), "Evaluate now", self)
        self._evaluate_action.triggered.connect(self.evaluate)
        action = self._evaluate_action
        self._empty_state = EmptyState(theme, "results", "Not evaluated yet", "", action)
        text = "Train the network, or select a run in the Runs panel."
        no_run = EmptyState(theme, "results", "No run selected", text)
        self._stack = page_stack(no_run, self._make_body())
        column_layout(self._stack, parent=self, margins=(10, 8, 10, 10))
        self._connect()
        self._rebuild()

    def _make_body(self) -> QWidget:
        body = QWidget()
        column_layout(self.toolbar, self.note, self.tabs, parent=body, spacing=8, stretch=self.tabs)
        return body

    def _connect(self) -> None:
        self.toolbar.evaluation_selected.connect(self._on_shown_changed)
        self.toolbar.evaluate_requested.connect(self._start_evaluation)
        self.toolbar.weights_changed.connect(self._update_empty_state)
        self.toolbar.file_requested.connect(self.open_file_dialog)
        self.toolbar.cancel_requested.connect(self.evaluation.cancel)
        self.toolbar.report_requested.connect(self.report_requested)
        self.evaluation.progress_changed.connect(self.toolbar.show_progress)
        self.evaluation.finished.connect(self._on_finished)
        self.evaluation.succeeded.connect(self._on_done)
        self.evaluation.failed.connect(self._on_failed)
        self.prediction_page.predict_file_requested.connect(self.predict_file_requested)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self._theme.changed.connect(self._on_theme_changed)

    # The run.

    def set_run(self, run: Path | None) -> None:
        """Show a run, or an empty panel for None. If the run is shown already, reload it."""
        if run != self.run:
            self.evaluation.cancel()
            self.note.hide()
        self.run = run
        self._stack.setCurrentIndex(0 if run is None else 1)
        self._evaluations = []
        if run is not None:
            self.toolbar.set_run(run, self._load_run(run))
            self._update_empty_state()
            self.prediction_page.set_run(run, self.data_path, self.toolbar.default_weights)
        else:
            self.prediction_page.set_run(None, None)
        self._show(
            next((e for e in self._evaluations if e.split == "test"), None)
            or (self._evaluations[0] if self._evaluations else None)
        )

    def _update_empty_state(self) -> None:
        hint = f"{self.toolbar.evaluate_hint} More options in the Evaluate menu."
        self._empty_state.set_message("Not evaluated yet", hint)

    def _load_run(self, run: Path) -> Project | None:
        """Load the evaluations and data settings of a run. Return its project, None on an error."""
        self._evaluations = load_evaluations(run)
        self.data_path, self._dialect = Path(), Dialect()
        try:
            folder = RunFolder.open(run)
            project = parse(folder.graph_bytes()).project
        except DiagnosticError as error:
            if any(d.code == "run-missing" for d in error.diagnostics):
                self._stack.setCurrentIndex(0)  # the run failed to start, or its folder was removed
            self._on_failed(error.diagnostics)
            return None
        self.data_path = Path(str(folder.record.get("paths", {}).get("data") or ""))
        dialect = parse_dialect(project.data.get("file", {}))
        self._dialect = dialect if isinstance(dialect, Dialect) else Dialect()
        return project

    def stop_processes(self) -> None:
        """Stop the engine processes and background readers."""
        self.evaluation.cancel()
        self.prediction_page.stop_client()
        for page in self.output_pages.values():
            page.cell_reader.cancel()

    # Actions.

    def evaluate(self) -> None:
        """Evaluate the test, validation or training rows. If there are no rows, ask for a file."""
        rows = self.toolbar.default_rows()
        if rows is None:
            self.open_file_dialog()
        else:
            self._start_evaluation(rows)

    def open_file_dialog(self) -> None:
        """Open a file dialog, and evaluate the chosen table."""
        open_file_dialog(self, "Evaluate a data file", self.data_path.parent, self._on_file_chosen)

    def show_prediction_form(self) -> None:
        """Show the prediction form, and focus its first field."""
        self.tabs.setCurrentWidget(self.prediction_page)
        form = self.prediction_page.form
        if form is not None and form.fields:
            next(iter(form.fields.values())).setFocus()

    def export_scores(self) -> None:
        """Export the scores as CSV."""
        if self.shown_results is not None:
            table = score_rows(self.shown_results)
            self.export_requested.emit("Export scores", "csv", to_csv(table))

    # Starting and finishing an evaluation.

    def _start_evaluation(self, rows: RowSource) -> None:
        if self.run is not None:
            self.note.hide()
            if self.tabs.currentWidget() is self.prediction_page:  # that page does not show scores
                self.tabs.setCurrentIndex(0)
            self.evaluation.start(self.run, rows, self.toolbar.weights_name)
            self._evaluate_action.setEnabled(False)
            self.toolbar.show_progress(0, 0)
            self.changed.emit()

    def _on_file_chosen(self, path: Path) -> None:
        self._start_evaluation(RowSource(data=path))

    def _on_finished(self) -> None:
        self._evaluate_action.setEnabled(True)
        self.toolbar.show_progress(-1, 0)
        self.changed.emit()

    def _on_done(self, results: EvaluationRecord) -> None:
        self._evaluations = [*(e for e in self._evaluations if e.name != results.name), results]
        self._evaluations.sort(key=lambda e: e.name)
        self._show(results)
        self.message_posted.emit(f"Evaluated {results.rows:,} rows.")

    def _on_failed(self, diagnostics: Sequence[Diagnostic]) -> None:
        text = "\n".join(error_text(diagnostic) for diagnostic in diagnostics[:3])
        self.note.show_message("error", text or "The engine process ended without a result.")
        self.note.show()

    def _on_shown_changed(self, index: int) -> None:
        self._show(self._evaluations[index])

    # Display.

    def _show(self, results: EvaluationRecord | None) -> None:
        index = next((n for n, e in enumerate(self._evaluations) if e is results), -1)
        self.toolbar.set_evaluations(self._evaluations, index)
        self.shown_results = results
        self._rebuild()
        self.changed.emit()

    def _rebuild(self) -> None:
        """Recreate the tabs. The new tab with the title of the current tab becomes current."""
        current_title = self.tabs.tabText(self.tabs.currentIndex())
        blocked = self.tabs.blockSignals(True)
        for index in reversed(range(self.tabs.count())):
            page = self.tabs.widget(index)
            self.tabs.removeTab(index)
            if page is not None and page not in (self.prediction_page, self._empty_state):
                page.deleteLater()
        self.output_pages = {}
        if self.shown_results is None or self.run is None:
            self.tabs.addTab(self._empty_state, "Scores")
        else:
            self.tabs.addTab(ScoresPage(self._theme, self.shown_results, self.run), "Scores")
            for output in self.shown_results.outputs:
                self._add_page(self.shown_results, output)
        self.tabs.addTab(self.prediction_page, "Predict")
        titles = [self.tabs.tabText(index) for index in range(self.tabs.count())]
        self.tabs.setCurrentIndex(titles.index(current_title) if current_title in titles else 0)
        self.tabs.blockSignals(blocked)
        self._on_tab_changed()

    def _add_page(self, results: EvaluationRecord, output: OutputEvaluation) -> None:
        data = (Path(results.data), self._dialect)
        page = OutputPage(self._theme, output, data, self.export_requested.emit)
        page.row_requested.connect(partial(self._on_row_requested, Path(results.data)))
        self.output_pages[output.name] = page
        self.tabs.addTab(page, output.name.replace("&", "&&"))

    def _on_row_requested(self, data: Path, row: int) -> None:
        self.prediction_page.set_run(self.run, data, self.toolbar.default_weights)
        self.prediction_page.row_field.set_value(row)
        self.tabs.setCurrentWidget(self.prediction_page)
        self.prediction_page.show_row(row)

    def _on_tab_changed(self) -> None:
        page = self.tabs.currentWidget()
        if isinstance(page, OutputPage):
            page.load_cells()

    def _on_theme_changed(self) -> None:
        if self.shown_results is not None:
            self._rebuild()

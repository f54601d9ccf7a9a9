"""The results panel: the evaluations of a run, and predictions for new rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from app.controls import EmptyState, Note
from app.controls.dialogs.file_dialog import FileDialog
from app.results.charts.chart_base import csv
from app.results.evaluation.evaluation import Evaluation, Rows
from app.results.evaluation.output_page import OutputPage
from app.results.evaluation.scores_page import ScoresPage, score_table
from app.results.phrases import told
from app.results.prediction.prediction_page import PredictPage
from app.results.toolbar import ResultsBar
from app.theme import icons
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from engine.recipe.csv_dialect import Dialect, dialect_problems
from engine.runs.evaluation import Results, kept
from engine.runs.folder.run_folder import RunFolder

_MIN_WIDTH = 380
_MORE_HINT = "More options in the Evaluate menu."


class ResultsPanel(QWidget):
    """The panel with the evaluations and the prediction form of one run.

    Signals:
        changed: the run or the results on show changed, or an evaluation started or ended.
        export_requested: title, extension and content of a file to save.
        predict_file_requested, report_requested: a file prediction, or a report, was requested.
        message_posted: a message for the status bar.
    """

    changed = Signal()
    export_asked = Signal(str, str, bytes)
    predict_file_asked = Signal()
    report_asked = Signal()
    told = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("results-panel")
        self._theme = theme
        self._run: Path | None = None
        self._evaluations: list[Results] = []
        self._current: Results | None = None
        self._data, self._dialect = Path(), Dialect()
        self.evaluation = Evaluation(self)
        self.bar = ResultsBar(theme)
        self.note = Note(theme, "error")
        self.note.hide()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName("Results by output")
        self.predict_page = PredictPage(theme)
        self.pages: dict[str, OutputPage] = {}
        self._evaluate_action = QAction(icons.icon(theme, "play"), "Evaluate now", self)
        self._evaluate_action.triggered.connect(self.evaluate)
        action = self._evaluate_action
        self._empty_state = EmptyState(theme, "results", "Not evaluated yet", "", action)
        self._stack = QStackedWidget()
        text = "Train the network, or select a run in the Runs panel."
        self._stack.addWidget(EmptyState(theme, "results", "No run selected", text))
        self._stack.addWidget(self._make_body())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.addWidget(self._stack)
        self.setMinimumWidth(_MIN_WIDTH)
        self._connect()
        self._rebuild()

    def _make_body(self) -> QWidget:
        body = QWidget()
        rows = QVBoxLayout(body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        for widget in (self.bar, self.note):
            rows.addWidget(widget)
        rows.addWidget(self.tabs, 1)
        return body

    def _connect(self) -> None:
        self.bar.shown_changed.connect(self._on_shown_changed)
        self.bar.evaluate_asked.connect(self._start_evaluation)
        self.bar.weights_changed.connect(self._update_empty_state)
        self.bar.file_asked.connect(self.ask_for_file)
        self.bar.cancel_asked.connect(self.evaluation.cancel)
        self.bar.report_asked.connect(self.report_asked)
        self.evaluation.began.connect(self._on_started)
        self.evaluation.progressed.connect(self.bar.show_progress)
        self.evaluation.ended.connect(self._on_finished)
        self.evaluation.done.connect(self._on_done)
        self.evaluation.refused.connect(self._on_failed)
        self.predict_page.file_asked.connect(self.predict_file_asked)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self._theme.changed.connect(self._on_theme_changed)

    # The run.

    @property
    def run(self) -> Path | None:
        """The folder of the run on show."""
        return self._run

    @property
    def shown(self) -> Results | None:
        """The evaluation on show."""
        return self._current

    @property
    def data(self) -> Path:
        """The path of the table that the run was trained on."""
        return self._data

    def set_run(self, run: Path | None) -> None:
        """Show a run, or reload the current one."""
        if run != self._run:
            self.evaluation.cancel()
            self.note.hide()
        self._run = run
        self._stack.setCurrentIndex(0 if run is None else 1)
        self._evaluations = []
        if run is not None:
            self.bar.show_run(run, self._load_run(run))
            self._update_empty_state()
            self.predict_page.set_run(run, self._data, self.bar.usual_weights)
        else:
            self.predict_page.set_run(None, None)
        self._show(next((e for e in self._evaluations if e.split == "test"), None)
                   or (self._evaluations[0] if self._evaluations else None))  # fmt: skip

    def _update_empty_state(self) -> None:
        """Show which rows and weights are evaluated by default."""
        self._empty_state.set_message("Not evaluated yet", f"{self.bar.told} {_MORE_HINT}")

    def _load_run(self, run: Path) -> Project | None:
        """Load the evaluations and data settings of a run; return its project if it is readable."""
        self._evaluations = kept(run)
        self._data, self._dialect = Path(), Dialect()
        try:
            folder = RunFolder.open(run)
            project = parse(folder.graph_bytes()).project
        except DiagnosticError as error:
            if any(d.code == "run-missing" for d in error.diagnostics):
                self._stack.setCurrentIndex(0)  # it failed to start, or was removed
            self._on_failed(error.diagnostics)
            return None
        self._data = Path(str(folder.run.get("paths", {}).get("data") or ""))
        dialect = dialect_problems(project.data.get("file", {}))
        self._dialect = dialect if isinstance(dialect, Dialect) else Dialect()
        return project

    def leave(self) -> None:
        """Stop the engine processes and background readers."""
        self.evaluation.cancel()
        self.predict_page.rest()
        for page in self.pages.values():
            page.reader.cancel()

    # Actions.

    def evaluate(self) -> None:
        """Evaluate the default split: test, else validation, else train; without splits, a file."""
        rows = self.bar.usual()
        if rows is None:
            self.ask_for_file()
        else:
            self._start_evaluation(rows)

    def ask_for_file(self) -> None:
        """Open a file dialog, and evaluate the chosen table."""
        dialog = FileDialog(self, "Evaluate a data file", str(self._data.parent))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_file_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def predict(self) -> None:
        """Show the prediction form, with the focus in its first field."""
        self.tabs.setCurrentWidget(self.predict_page)
        form = self.predict_page.form
        if form is not None and form.fields:
            next(iter(form.fields.values())).setFocus()

    def export_scores(self) -> None:
        """Export the scores as CSV."""
        if self._current is not None:
            self.export_asked.emit("Export scores", "csv", csv(score_table(self._current)))

    # An evaluation.

    def _start_evaluation(self, rows: Rows) -> None:
        if self._run is not None:
            self.note.hide()
            if self.tabs.currentWidget() is self.predict_page:  # it does not show scores
                self.tabs.setCurrentIndex(0)
            self.evaluation.start(self._run, rows, self.bar.weights)

    def _on_file_chosen(self, path: str) -> None:
        self._start_evaluation(Rows(data=Path(path)))

    def _on_started(self) -> None:
        self._evaluate_action.setEnabled(False)
        self.bar.show_progress(0, 0)
        self.changed.emit()

    def _on_finished(self) -> None:
        self._evaluate_action.setEnabled(True)
        self.bar.show_progress(-1, 0)
        self.changed.emit()

    def _on_done(self, results: Results) -> None:
        self._evaluations = [*(e for e in self._evaluations if e.name != results.name), results]
        self._evaluations.sort(key=lambda e: e.name)
        self._show(results)
        self.told.emit(f"Evaluated {results.rows:,} rows.")

    def _on_failed(self, diagnostics: Sequence[Diagnostic]) -> None:
        text = "\n".join(told(diagnostic) for diagnostic in diagnostics[:3])
        self.note.show_message("error", text or "The engine process ended without a result.")
        self.note.show()

    def _on_shown_changed(self, index: int) -> None:
        self._show(self._evaluations[index])

    # Display.

    def _show(self, results: Results | None) -> None:
        index = next((n for n, e in enumerate(self._evaluations) if e is results), -1)
        self.bar.show_kept(self._evaluations, index)
        self._current = results
        self._rebuild()
        self.changed.emit()

    def _rebuild(self) -> None:
        """Recreate the tabs, keeping the current one."""
        current_title = self.tabs.tabText(self.tabs.currentIndex())
        blocked = self.tabs.blockSignals(True)
        for index in reversed(range(self.tabs.count())):
            page = self.tabs.widget(index)
            self.tabs.removeTab(index)
            if page is not None and page not in (self.predict_page, self._empty_state):
                page.deleteLater()
        self.pages = {}
        if self._current is None or self._run is None:
            self.tabs.addTab(self._empty_state, "Scores")
        else:
            self.tabs.addTab(ScoresPage(self._theme, self._current, self._run), "Scores")
            for output in self._current.outputs:
                self._add_page(self._current, output.name)
        self.tabs.addTab(self.predict_page, "Predict")
        titles = [self.tabs.tabText(index) for index in range(self.tabs.count())]
        self.tabs.setCurrentIndex(titles.index(current_title) if current_title in titles else 0)
        self.tabs.blockSignals(blocked)
        self._on_tab_changed()

    def _add_page(self, results: Results, name: str) -> None:
        output = next(output for output in results.outputs if output.name == name)
        page = OutputPage(
            self._theme, output, (Path(results.data), self._dialect), self.export_asked.emit
        )
        page.row_asked.connect(partial(self._on_row_requested, Path(results.data)))
        self.pages[name] = page
        self.tabs.addTab(page, name.replace("&", "&&"))

    def _on_row_requested(self, data: Path, row: int) -> None:
        """Fill a row into the prediction form."""
        self.predict_page.set_run(self._run, data, self.bar.usual_weights)
        self.predict_page.row.set_value(row)
        self.tabs.setCurrentWidget(self.predict_page)
        self.predict_page.show_row(row)

    def _on_tab_changed(self) -> None:
        page = self.tabs.currentWidget()
        if isinstance(page, OutputPage):
            page.look()

    def _on_theme_changed(self) -> None:
        if self._current is not None:
            self._rebuild()

"""The results panel: what the run in front gets right and wrong, and what it says of new rows."""

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

_LEAST = 380
_OTHERS = "The list of Evaluate has other rows and weights."


class ResultsPanel(QWidget):
    """Shows the evaluations of one run, and asks it about rows.

    Signals:
        changed: another run, or other results, are shown; or an evaluation began or ended.
        export_asked: title, ending and bytes of a file that is to be written.
        predict_file_asked, report_asked: a file is to be made by the engine.
        told: a sentence for the status bar.
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
        self._kept: list[Results] = []
        self._shown: Results | None = None
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
        self._usual = QAction(icons.icon(theme, "play"), "Evaluate now", self)
        self._usual.triggered.connect(self.evaluate)
        self._unscored = EmptyState(
            theme, "results", "Not evaluated yet", "", self._usual
        )  # fmt: skip
        self._stack = QStackedWidget()
        text = "Train the document, or choose a run in the Runs panel."
        self._stack.addWidget(EmptyState(theme, "results", "No run to look at", text))
        self._stack.addWidget(self._make_body())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(10, 8, 10, 10)
        whole.addWidget(self._stack)
        self.setMinimumWidth(_LEAST)
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
        self.bar.evaluate_asked.connect(self._begin)
        self.bar.weights_changed.connect(self._say_usual)
        self.bar.file_asked.connect(self.ask_for_file)
        self.bar.cancel_asked.connect(self.evaluation.cancel)
        self.bar.report_asked.connect(self.report_asked)
        self.evaluation.began.connect(self._on_began)
        self.evaluation.progressed.connect(self.bar.show_progress)
        self.evaluation.ended.connect(self._on_ended)
        self.evaluation.done.connect(self._on_done)
        self.evaluation.refused.connect(self._on_refused)
        self.predict_page.file_asked.connect(self.predict_file_asked)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self._theme.changed.connect(self._on_theme_changed)

    # The run.

    @property
    def run(self) -> Path | None:
        """The run that is looked at."""
        return self._run

    @property
    def shown(self) -> Results | None:
        """The evaluation that is shown."""
        return self._shown

    @property
    def data(self) -> Path:
        """The table that the run was trained on."""
        return self._data

    def set_run(self, run: Path | None) -> None:
        """Look at another run, or at the same one again."""
        if run != self._run:
            self.evaluation.cancel()
            self.note.hide()
        self._run = run
        self._stack.setCurrentIndex(0 if run is None else 1)
        self._kept = []
        if run is not None:
            self.bar.show_run(run, self._read(run))
            self._say_usual()
            self.predict_page.set_run(run, self._data, self.bar.usual_weights)
        else:
            self.predict_page.set_run(None, None)
        self._show(next((e for e in self._kept if e.split == "test"), None)
                   or (self._kept[0] if self._kept else None))  # fmt: skip

    def _say_usual(self) -> None:
        """Say which rows are scored, and with which weights, unless others are chosen."""
        self._unscored.set_message("Not evaluated yet", f"{self.bar.told} {_OTHERS}")

    def _read(self, run: Path) -> Project | None:
        """Read what there is to know of a run, and answer its graph if that can be read."""
        self._kept = kept(run)
        self._data, self._dialect = Path(), Dialect()
        try:
            folder = RunFolder.open(run)
            project = parse(folder.graph_bytes()).project
        except DiagnosticError as refusal:
            if any(found.code == "run-missing" for found in refusal.diagnostics):
                self._stack.setCurrentIndex(0)  # it ended before it began, or was removed
            self._on_refused(refusal.diagnostics)
            return None
        self._data = Path(str(folder.run.get("paths", {}).get("data") or ""))
        found = dialect_problems(project.data.get("file", {}))
        self._dialect = found if isinstance(found, Dialect) else Dialect()
        return project

    def leave(self) -> None:
        """End what runs beside the window."""
        self.evaluation.cancel()
        self.predict_page.rest()
        for page in self.pages.values():
            page.reader.cancel()

    # What actions call.

    def evaluate(self) -> None:
        """Score the rows that say most about others."""
        rows = self.bar.usual()
        if rows is None:
            self.ask_for_file()
        else:
            self._begin(rows)

    def ask_for_file(self) -> None:
        """Let the person choose a table, and score its rows."""
        dialog = FileDialog(self, "Evaluate the rows of a file", str(self._data.parent))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_file_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def predict(self) -> None:
        """Show the form for a row."""
        self.tabs.setCurrentWidget(self.predict_page)
        form = self.predict_page.form
        if form is not None and form.fields:
            next(iter(form.fields.values())).setFocus()

    def export_scores(self) -> None:
        """Write the scores as a table."""
        if self._shown is not None:
            self.export_asked.emit("Export scores", "csv", csv(score_table(self._shown)))

    # An evaluation.

    def _begin(self, rows: Rows) -> None:
        if self._run is not None:
            self.note.hide()
            if self.tabs.currentWidget() is self.predict_page:  # where no score would be seen
                self.tabs.setCurrentIndex(0)
            self.evaluation.start(self._run, rows, self.bar.weights)

    def _on_file_chosen(self, path: str) -> None:
        self._begin(Rows(data=Path(path)))

    def _on_began(self) -> None:
        self._usual.setEnabled(False)
        self.bar.show_progress(0, 0)
        self.changed.emit()

    def _on_ended(self) -> None:
        self._usual.setEnabled(True)
        self.bar.show_progress(-1, 0)
        self.changed.emit()

    def _on_done(self, results: Results) -> None:
        self._kept = [*(each for each in self._kept if each.name != results.name), results]
        self._kept.sort(key=lambda each: each.name)
        self._show(results)
        self.told.emit(f"Evaluated {results.rows:,} rows.")

    def _on_refused(self, found: Sequence[Diagnostic]) -> None:
        text = "\n".join(told(each) for each in found[:3])
        self.note.show_message("error", text or "The engine gave no answer.")
        self.note.show()

    def _on_shown_changed(self, at: int) -> None:
        self._show(self._kept[at])

    # Showing.

    def _show(self, results: Results | None) -> None:
        at = next((n for n, each in enumerate(self._kept) if each is results), -1)
        self.bar.show_kept(self._kept, at)
        self._shown = results
        self._rebuild()
        self.changed.emit()

    def _rebuild(self) -> None:
        """Make the tabs anew; the one in front stays in front."""
        front = self.tabs.tabText(self.tabs.currentIndex())
        blocked = self.tabs.blockSignals(True)
        for place in reversed(range(self.tabs.count())):
            page = self.tabs.widget(place)
            self.tabs.removeTab(place)
            if page is not None and page not in (self.predict_page, self._unscored):
                page.deleteLater()
        self.pages = {}
        if self._shown is None or self._run is None:
            self.tabs.addTab(self._unscored, "Scores")
        else:
            self.tabs.addTab(ScoresPage(self._theme, self._shown, self._run), "Scores")
            for output in self._shown.outputs:
                self._add_page(self._shown, output.name)
        self.tabs.addTab(self.predict_page, "Predict")
        titles = [self.tabs.tabText(place) for place in range(self.tabs.count())]
        self.tabs.setCurrentIndex(titles.index(front) if front in titles else 0)
        self.tabs.blockSignals(blocked)
        self._on_tab_changed()

    def _add_page(self, results: Results, name: str) -> None:
        output = next(each for each in results.outputs if each.name == name)
        page = OutputPage(
            self._theme, output, (Path(results.data), self._dialect), self.export_asked.emit
        )
        page.row_asked.connect(partial(self._on_row_asked, Path(results.data)))
        self.pages[name] = page
        self.tabs.addTab(page, name.replace("&", "&&"))

    def _on_row_asked(self, data: Path, row: int) -> None:
        """Show a row in the form, where it can be changed and asked again."""
        self.predict_page.set_run(self._run, data, self.bar.usual_weights)
        self.predict_page.row.set_value(row)
        self.tabs.setCurrentWidget(self.predict_page)
        self.predict_page.show_row(row)

    def _on_tab_changed(self) -> None:
        page = self.tabs.currentWidget()
        if isinstance(page, OutputPage):
            page.look()

    def _on_theme_changed(self) -> None:
        if self._shown is not None:
            self._rebuild()

"""The controller that predicts the rows of a data file and saves the predictions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from app.controls.dialogs.file_dialog import open_file_dialog
from app.documents.workspace import Workspace
from app.files.documents.exporter import Exporter
from app.files.prompts.prompts import Prompts
from app.processes.json_lines_process import JsonLinesProcess
from app.processes.output_parser import parse_diagnostics, parse_output
from app.results.evaluation.evaluation import no_result_diagnostic
from app.results.panel import ResultsPanel
from app.shell.dock_layout import DockLayout
from app.text.node_names import table_name
from engine.core.diagnostic import Diagnostic
from engine.core.files.atomic_write import write_bytes
from engine.core.formatting.counts import count_noun

_FILE_STEM = "predictions"
_RETRY_DELAY = 500  # milliseconds; how often to look whether another dialog is still open


class FilePredictionController(QObject):
    """Predicts the rows of a data file with the run in the results panel.

    The engine process writes to a temporary folder, so that errors are reported before the user
    chooses where to save the predictions.
    """

    def __init__(
        self,
        results: ResultsPanel,
        prompts: Prompts,
        exporter: Exporter,
        workspace: Workspace,
        docks: DockLayout,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._parent = parent
        self._results, self._prompts, self._exporter = results, prompts, exporter
        self._workspace, self._docks = workspace, docks
        self._data = self._out = Path()  # the input file and the predictions
        self._folder: TemporaryDirectory[str] | None = None
        self._process = JsonLinesProcess(self)
        self._process.finished.connect(self._on_finished)
        results.predict_file_requested.connect(self.choose_file)

    def stop(self) -> None:
        """Stop the engine process, and discard unsaved predictions."""
        self._process.stop()
        if self._folder is not None:
            self._folder.cleanup()
        self._folder = None

    def choose_file(self) -> None:
        """Ask for a data file and predict its rows. Then ask where to save the predictions."""
        folder, title = self._results.data_path.parent, "Predict the rows of a file"
        open_file_dialog(self._parent, title, folder, self.predict)

    def predict(self, data: Path) -> None:
        """Start to predict the rows of a data file. Then ask where to save the predictions."""
        run, page = self._results.run, self._results.prediction_page
        if run is None:
            return
        self.stop()
        page.file_errors.show_diagnostics(())
        self._data, self._folder = data, TemporaryDirectory(prefix="layerloom-")
        self._out = Path(self._folder.name) / f"{_FILE_STEM}{page.row_picker.file_extension}"
        args = ["--data", str(data), "--weights", page.weights.name, "--out", str(self._out)]
        self._process.start(["predict", str(run), *args, *page.row_picker.file_options, "--json"])
        self._workspace.message.emit(f"Predicting the rows of {data.name}…")

    def _on_finished(self, code: int, output: bytes) -> None:
        if code == 0:
            result = parse_output(output)
            self._ask_for_path(int(result.get("rows", 0)), parse_diagnostics(output))
            return
        diagnostics = parse_diagnostics(output) or [no_result_diagnostic(code)]
        results = self._results
        results.prediction_page.show_file_errors(self._data, diagnostics)
        self._docks.show_expanded("Results")
        results.tabs.setCurrentWidget(results.prediction_page)
        self._workspace.message.emit(f"The rows of {self._data.name} were not predicted.")

    def _ask_for_path(self, rows: int, notes: Sequence[Diagnostic]) -> None:
        """Ask for a path for the predictions as soon as no other dialog is open."""
        if self._prompts.active_dialog is not None:
            QTimer.singleShot(_RETRY_DELAY, self, partial(self._ask_for_path, rows, notes))
            return

        def write(path: Path) -> str:
            write_bytes(path, self._out.read_bytes())
            messages = [f"Wrote {count_noun(rows, 'row')} to {path}"]
            messages += [note.message for note in notes if note.code == "prediction-unfit"]
            return "; ".join(messages)

        name = f"{table_name(self._data)}-predicted{self._out.suffix}"
        self._exporter.ask("Save predictions", name, write)

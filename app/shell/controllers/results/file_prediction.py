"""The controller that predicts the rows of a data file and saves the predictions."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.controls.dialogs.file_dialog import open_file_dialog
from app.processes.json_lines_process import JsonLinesProcess
from app.processes.output_parser import parse_diagnostics, parse_output
from app.results.evaluation.evaluation import no_result_diagnostic
from app.shell.window_parts import WindowParts
from app.text.node_names import table_name
from engine.core.formatting.counts import count_noun

_SUFFIXES = (".csv", ".tsv", ".parquet", ".arrow", ".jsonl")


class FilePredictionController(QObject):
    """Predicts the rows of a data file with the run in the results panel."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window, self._results = window, window.panels.results
        self._data = Path()
        self._process = JsonLinesProcess(self)
        self._process.finished.connect(self._on_finished)
        self._results.predict_file_requested.connect(self.choose_file)

    def stop(self) -> None:
        """Stop the engine process."""
        self._process.stop()

    def choose_file(self) -> None:
        """Ask for a data file, and then where to save the predictions for its rows."""
        folder, title = self._results.data_path.parent, "Predict the rows of a file"
        open_file_dialog(
            self._window,
            title,
            folder,
            # After the dialog has closed, since the next one opens.
            lambda data: QTimer.singleShot(0, self, partial(self.predict, data)),
        )

    def predict(self, data: Path) -> None:
        """Ask where to save the predictions for the rows of a data file, and predict them."""
        if (run := self._results.run) is not None:
            name, write = f"{table_name(data)}-predicted.csv", partial(self._start, run, data)
            self._window.document_manager.exporter.ask("Save predictions", name, write, _SUFFIXES)

    def _start(self, run: Path, data: Path, out: Path) -> str:
        """Start an engine process that writes the predictions, and return a status message."""
        self.stop()
        page = self._results.prediction_page
        page.file_errors.show_diagnostics(())
        self._data = data
        args = ["--data", str(data), "--weights", page.weights.name, "--out", str(out), "--force"]
        self._process.start(["predict", str(run), *args, *page.row_picker.file_options, "--json"])
        return f"Predicting the rows of {data.name}…"

    def _on_finished(self, code: int, output: bytes) -> None:
        if code == 0:
            result, notes = parse_output(output), parse_diagnostics(output)
            messages = [f"Wrote {count_noun(int(result['rows']), 'row')} to {result['out']}"]
            messages += [note.message for note in notes if note.code == "prediction-unfit"]
            self._window.workspace.message.emit("; ".join(messages))
            return
        diagnostics = parse_diagnostics(output) or [no_result_diagnostic(code)]
        results = self._results
        results.prediction_page.show_file_errors(self._data, diagnostics)
        self._window.dock_layout.show_expanded("Results")
        results.tabs.setCurrentWidget(results.prediction_page)
        self._window.workspace.message.emit(f"The rows of {self._data.name} were not predicted.")

"""Predictions for all rows of a file, made before the user chooses where to save them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, Signal

from app.processes.json_lines_process import JsonLinesProcess
from app.processes.output_parser import parse_diagnostics, parse_output
from app.results.evaluation.evaluation import no_result_diagnostic
from engine.core.files.atomic_write import write_bytes

_FILE_NAME = "answers.csv"


class FilePrediction(QObject):
    """Predicts one file at a time. The engine process writes to a temporary folder.

    Why: errors are reported before the user chooses where to save the predictions.

    Signals:
        succeeded: the number of predicted rows. `save` can write the predictions now.
        failed: a list of `Diagnostic`s of a prediction that failed.
    """

    succeeded = Signal(int)
    failed = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.data_path = Path()  # the input file
        self._folder: TemporaryDirectory[str] | None = None
        self._process = JsonLinesProcess(self)
        self._process.finished.connect(self._on_finished)

    @property
    def is_running(self) -> bool:
        """Whether a prediction is running."""
        return self._process.is_running

    def start(self, run: Path, data: Path, weights: str) -> None:
        """Predict `data` with a run's "final", "best" or "last" weights; drop unsaved results."""
        self.stop()
        self.data_path = data
        self._folder = TemporaryDirectory(prefix="layerloom-")
        out = str(Path(self._folder.name) / _FILE_NAME)
        args = ["--data", str(data), "--weights", weights, "--out", out, "--json"]
        self._process.start(["predict", str(run), *args])

    def save(self, path: Path) -> None:
        """Save the predictions.

        Raises:
            DiagnosticError: if the file can't be written.
        """
        assert self._folder is not None, "predictions exist"
        write_bytes(path, (Path(self._folder.name) / _FILE_NAME).read_bytes())

    def stop(self) -> None:
        """Cancel the prediction, and discard unsaved predictions."""
        self._process.stop()
        if self._folder is not None:
            self._folder.cleanup()
        self._folder = None

    def _on_finished(self, code: int, stdout: bytes) -> None:
        if code == 0:
            self.succeeded.emit(int(parse_output(stdout).get("rows", 0)))
        else:
            self.failed.emit(parse_diagnostics(stdout) or [no_result_diagnostic(code)])

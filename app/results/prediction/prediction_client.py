"""A client of the engine's prediction server, which predicts single rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.processes.json_lines_process import JsonLinesProcess
from app.processes.output_parser import parse_diagnostic, parse_diagnostics
from app.results.evaluation.evaluation import no_result_diagnostic
from engine.core.diagnostic import Diagnostic


class PredictionClient(QObject):
    """Sends prediction requests to a server process, one at a time.

    Signals:
        fields_received: descriptions of the columns of a row, as JSON values from the server.
        ready: the server accepts requests.
        predicted: the prediction of each output for the last request, and warnings by column about
            values outside the range of the training data.
        row_received: a requested row of the table: its cells by column, its targets by output.
        failed: a list of `Diagnostic`s of the last request, or of a server that has ended.
    """

    fields_received = Signal(list)
    ready = Signal()
    predicted = Signal(list, dict)
    row_received = Signal(dict, dict)
    failed = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = JsonLinesProcess(self)
        self._process.message_received.connect(self._on_message)
        self._process.finished.connect(self._on_finished)
        self._is_ready = self._is_waiting = False
        self._next_request: dict[str, Any] | None = None
        self.weights = ""  # the weights that the server has loaded: final, best or last; "" before

    @property
    def is_running(self) -> bool:
        """Whether the server process is running."""
        return self._process.is_running

    @property
    def is_busy(self) -> bool:
        """Whether a request is waiting for its response."""
        return self._is_waiting or self._next_request is not None

    def start(self, run: Path, weights: str = "final") -> None:
        """Start the prediction server of a run, with the weights "final", "best" or "last"."""
        self.stop()
        self._process.start(["answer", str(run), "--weights", weights, "--json"])

    def stop(self) -> None:
        """Stop the server to free its memory."""
        self._process.stop()
        self._is_ready = self._is_waiting = False
        self._next_request = None
        self.weights = ""

    def request(self, request: dict[str, Any]) -> None:
        """Send a request as soon as the previous one is answered. Replace any waiting request."""
        self._next_request = request
        self._send_next()

    def _send_next(self) -> None:
        if self._is_ready and not self._is_waiting and self._next_request is not None:
            request, self._next_request = self._next_request, None
            self._is_waiting = True
            self._process.send(request)

    def _on_message(self, line: dict[str, Any]) -> None:
        if "fields" in line:
            self.fields_received.emit(line["fields"])
        elif "ready" in line:
            self._is_ready = True
            self.weights = str(line.get("weights", ""))
            self.ready.emit()
            self._send_next()
        else:
            self._is_waiting = False
            self._on_response(line)
            self._send_next()

    def _on_response(self, line: dict[str, Any]) -> None:
        if "outputs" in line:
            self.predicted.emit(line["outputs"], line.get("notes", {}))
        elif "cells" in line:
            self.row_received.emit(line["cells"], line.get("targets", {}))
        else:
            parsed = map(parse_diagnostic, line.get("diagnostics", ()))
            self.failed.emit([d for d in parsed if isinstance(d, Diagnostic)])

    def _on_finished(self, code: int, stdout: bytes) -> None:
        self._is_ready = self._is_waiting = False
        self._next_request = None
        self.failed.emit(parse_diagnostics(stdout) or [no_result_diagnostic(code)])

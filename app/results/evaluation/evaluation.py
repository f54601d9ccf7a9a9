"""Evaluation of a run in an engine process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import QObject, Signal

from app.processes.json_lines_process import JsonLinesProcess
from app.processes.output_parser import parse_diagnostics, parse_output
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.recipe.split import SUBSETS
from engine.runs.evaluation import EvaluationRecord
from engine.runs.folder.run_json import read_run_json


@dataclass(frozen=True)
class RowSource:
    """The rows to evaluate: a split of the run, or all rows of a table.

    Args:
        split: the name of the split, "" for all rows of a table.
        data: the path of the table, None for a split of the run.
        count: the number of rows, 0 if unknown.
    """

    split: str = ""
    data: Path | None = None
    count: int = 0

    @property
    def command_args(self) -> list[str]:
        """The command-line arguments with which `engine evaluate` selects these rows."""
        return ["--split", self.split] if self.split else ["--data", str(self.data)]


def available_splits(run: Path) -> list[RowSource]:
    """Return the splits of a run that have rows, in the order test, validation, train."""
    try:
        run_json: Mapping[str, Any] = read_run_json(run)
    except DiagnosticError:
        return []
    counts = run_json.get("sides", {})
    return [
        RowSource(split=split, count=counts[split])
        for split in reversed(SUBSETS)
        if isinstance(counts.get(split), int) and counts[split] > 0
    ]


class EvaluationProcess(QObject):
    """Runs one evaluation at a time in an engine process.

    Signals:
        progress_changed: the number of evaluated rows, and the number of all rows.
        succeeded: the results of an evaluation.
        failed: a list of `Diagnostic`s of an evaluation that failed.
        finished: no evaluation is running any more: it succeeded, failed or was canceled.
    """

    progress_changed = Signal(int, int)
    succeeded = Signal(EvaluationRecord)
    failed = Signal(list)
    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = JsonLinesProcess(self)
        self._process.message_received.connect(self._on_message)
        self._process.finished.connect(self._on_finished)

    @property
    def is_running(self) -> bool:
        """Whether an evaluation is running."""
        return self._process.is_running

    def start(self, run: Path, rows: RowSource, weights: str) -> None:
        """Cancel a running evaluation, then evaluate `run` with final, best or last `weights`."""
        self.cancel()
        args = [*rows.command_args, "--weights", weights, "--progress", "--json"]
        self._process.start(["evaluate", str(run), *args])

    def cancel(self) -> None:
        """Cancel the evaluation."""
        if self.is_running:
            self._process.stop()
            self.finished.emit()

    def _on_message(self, line: dict[str, Any]) -> None:
        done, total = line.get("done"), line.get("of")
        if isinstance(done, int) and isinstance(total, int):
            self.progress_changed.emit(done, total)

    def _on_finished(self, code: int, stdout: bytes) -> None:
        self.finished.emit()
        try:
            if code == 0:
                self.succeeded.emit(EvaluationRecord.from_dict(parse_output(stdout)))
                return
        except (ValueError, ValidationError):
            pass
        self.failed.emit(parse_diagnostics(stdout) or [no_result_diagnostic(code)])


def no_result_diagnostic(code: int) -> Diagnostic:
    """Return the diagnostic of an engine process with exit code `code` and without a result."""
    return Diagnostic(
        "internal",
        "the engine process ended without a result",
        found=f"exit code {code}",
        expected="a result",
        fixes=(Fix("Try again. If it fails again, memory may be too low."),),
    )

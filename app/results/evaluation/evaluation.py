"""An evaluation: the rows that can be scored, and the command that scores them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import QObject, Signal

from app.processes.answer_parser import parse_diagnostics, parse_output
from app.processes.json_session import JsonSession
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.recipe.split import PARTS
from engine.runs.evaluation import Results
from engine.runs.folder.run_json import described


@dataclass(frozen=True)
class Rows:
    """Rows to be scored: a side of the run, or a table.

    Args:
        split: the side, "" for all rows of a table.
        data: the table.
        count: how many rows there are, 0 if that is not known.
    """

    split: str = ""
    data: Path | None = None
    count: int = 0

    @property
    def words(self) -> list[str]:
        """How the command calls them."""
        return ["--split", self.split] if self.split else ["--data", str(self.data)]


def sides(run: Path) -> list[Rows]:
    """Return the sides that a run has; the one that says most about other rows comes first."""
    try:
        told: Mapping[str, Any] = described(run)
    except DiagnosticError:
        return []
    held = told.get("sides", {})
    return [
        Rows(split=part, count=held[part])
        for part in reversed(PARTS)
        if isinstance(held.get(part), int) and held[part] > 0
    ]


class Evaluation(QObject):
    """Runs one evaluation at a time, beside the window.

    Signals:
        began: it runs.
        progressed: rows done, and rows in all.
        done: a `Results`.
        refused: `Diagnostic`s that say why there is none.
        ended: it runs no more, whatever came of it.
    """

    began = Signal()
    progressed = Signal(int, int)
    done = Signal(Results)
    refused = Signal(list)
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._talk = JsonSession(self)
        self._talk.message_received.connect(self._on_told)
        self._talk.finished.connect(self._on_ended)

    @property
    def running(self) -> bool:
        """True until it has ended."""
        return self._talk.is_running

    def start(self, run: Path, rows: Rows, weights: str) -> None:
        """Evaluate a run; one that goes on is given up."""
        self.cancel()
        self._talk.start(
            ["evaluate", str(run), *rows.words, "--weights", weights, "--progress", "--json"]
        )
        self.began.emit()

    def cancel(self) -> None:
        """Give it up."""
        if self.running:
            self._talk.stop()
            self.ended.emit()

    def _on_told(self, line: dict[str, Any]) -> None:
        done, whole = line.get("done"), line.get("of")
        if isinstance(done, int) and isinstance(whole, int):
            self.progressed.emit(done, whole)

    def _on_ended(self, code: int, rest: bytes) -> None:
        self.ended.emit()
        try:
            if code == 0:
                self.done.emit(Results.read(parse_output(rest)))
                return
        except (ValueError, ValidationError):
            pass
        self.refused.emit(parse_diagnostics(rest) or [no_answer(code)])


def no_answer(code: int) -> Diagnostic:
    """Return that the engine has ended without saying why."""
    return Diagnostic(
        "internal",
        "the engine ended without an answer",
        found=f"exit code {code}",
        expected="an answer",
        fixes=(Fix("Try again; where it ends so again, there may be too little memory."),),
    )

"""A network that is kept ready to answer rows, in a process beside the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.processes.answer_parser import parse_diagnostic, parse_diagnostics
from app.processes.json_session import JsonSession
from app.results.evaluation.evaluation import no_answer
from engine.core.diagnostic import Diagnostic


class Asking(QObject):
    """Asks one run at a time; of several questions in a row only the newest is put.

    Signals:
        fields: what a row consists of, as the engine tells it.
        ready: it can be asked.
        said: what each output says of the row that was asked last, and by column what is far
            from the rows trained on.
        shown: the cells of a row of a table.
        refused: `Diagnostic`s about the row that was asked last, or why the run can't be asked.
        ended: it can be asked no more.
    """

    fields = Signal(list)
    ready = Signal()
    said = Signal(list, dict)
    shown = Signal(dict)
    refused = Signal(list)
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._talk = JsonSession(self)
        self._talk.message_received.connect(self._on_told)
        self._talk.finished.connect(self._on_ended)
        self._ready = self._waits = False
        self._next: dict[str, Any] | None = None
        self.weights = ""  # those that answer, as the engine calls them

    @property
    def running(self) -> bool:
        """True from `start` on, until it has ended."""
        return self._talk.is_running

    @property
    def busy(self) -> bool:
        """True while an answer is to come."""
        return self._waits or self._next is not None

    def start(self, run: Path, weights: str = "final") -> None:
        """Get a run ready."""
        self.stop()
        self._talk.start(["answer", str(run), "--weights", weights, "--json"])

    def stop(self) -> None:
        """Ask no more, and give the memory back."""
        self._talk.stop()
        self._ready = self._waits = False
        self._next = None
        self.weights = ""

    def ask(self, question: dict[str, Any]) -> None:
        """Put a question, as soon as the one before it is answered."""
        self._next = question
        self._put()

    def _put(self) -> None:
        if self._ready and not self._waits and self._next is not None:
            question, self._next = self._next, None
            self._waits = True
            self._talk.send(question)

    def _on_told(self, line: dict[str, Any]) -> None:
        if "fields" in line:
            self.fields.emit(line["fields"])
        elif "ready" in line:
            self._ready = True
            self.weights = str(line.get("weights", ""))
            self.ready.emit()
            self._put()
        else:
            self._waits = False
            self._on_answered(line)
            self._put()

    def _on_answered(self, line: dict[str, Any]) -> None:
        if "outputs" in line:
            self.said.emit(line["outputs"], line.get("notes", {}))
        elif "cells" in line:
            self.shown.emit(line["cells"])
        else:
            found = map(parse_diagnostic, line.get("diagnostics", ()))
            self.refused.emit([each for each in found if isinstance(each, Diagnostic)])

    def _on_ended(self, code: int, rest: bytes) -> None:
        self._ready = self._waits = False
        self._next = None
        self.ended.emit()
        self.refused.emit(parse_diagnostics(rest) or [no_answer(code)])

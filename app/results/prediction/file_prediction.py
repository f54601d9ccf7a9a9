"""Predictions for all rows of a file, made before it is asked where they go."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, Signal

from app.processes.answer_parser import parse_diagnostics, parse_output
from app.processes.json_session import JsonSession
from app.results.evaluation.evaluation import no_answer
from engine.core.files.atomic_write import write_bytes

_ANSWERS = "answers.csv"


class Predicting(QObject):
    """Asks one run about one file at a time, beside the window.

    Why: whoever was asked for a place first would learn only then that the file can't be read.

    Signals:
        done: how many rows have answers, which can be kept now.
        refused: `Diagnostic`s that say why there are none.
    """

    done = Signal(int)
    refused = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.data = Path()  # the file that is asked about
        self._folder: TemporaryDirectory[str] | None = None
        self._talk = JsonSession(self)
        self._talk.finished.connect(self._on_ended)

    @property
    def running(self) -> bool:
        """True until all rows have their answers."""
        return self._talk.is_running

    def start(self, run: Path, data: Path, weights: str) -> None:
        """Predict; what was not kept of another file is gone."""
        self.stop()
        self.data = data
        self._folder = TemporaryDirectory(prefix="layerloom-")
        out = str(Path(self._folder.name) / _ANSWERS)
        words = ["--data", str(data), "--weights", weights, "--out", out, "--json"]
        self._talk.start(["predict", str(run), *words])

    def keep(self, place: Path) -> None:
        """Write the answers to a place.

        Raises:
            Refused: if that can't be.
        """
        assert self._folder is not None, "there are answers"
        write_bytes(place, (Path(self._folder.name) / _ANSWERS).read_bytes())

    def stop(self) -> None:
        """Give it up, and answers that nobody has kept."""
        self._talk.stop()
        if self._folder is not None:
            self._folder.cleanup()
        self._folder = None

    def _on_ended(self, code: int, rest: bytes) -> None:
        if code == 0:
            self.done.emit(int(parse_output(rest).get("rows", 0)))
        else:
            self.refused.emit(parse_diagnostics(rest) or [no_answer(code)])

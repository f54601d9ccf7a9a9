"""A short `engine` command about a document as it is now, which is written for it."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.processes.command import NOT_STARTED, Command
from engine.core.diagnostic import Refused
from engine.graph.model import Project
from engine.graph.serialization import file


class GraphCommand(QObject):
    """Runs one command at a time on a snapshot that is gone when it has answered.

    Signals:
        answered: as of `Command`.
    """

    answered = Signal(int, bytes)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tidy: Callable[[], object] = _nothing_to_tidy
        self._command = Command(self)
        self._command.answered.connect(self._on_answered)

    @property
    def running(self) -> bool:
        """True until it has answered."""
        return self._command.running

    def run(self, project: Project, name: str, words: Callable[[Path], Sequence[str]]) -> None:
        """Start a command; one that runs is ended first, and gives no answer.

        Args:
            project: what is written.
            name: of its file, as findings call it.
            words: answers the command, given the file.
        """
        self.cancel()
        try:
            folder = Path(tempfile.mkdtemp(prefix="layerloom-"))
            self._tidy = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            graph = folder / name
            file.write(graph, project)
        except (OSError, Refused):
            self._on_answered(NOT_STARTED, b"")
            return
        self._command.run(words(graph))

    def cancel(self) -> None:
        """End the command, if one runs; it gives no answer."""
        self._command.cancel()
        self._tidy()

    def _on_answered(self, code: int, answer: bytes) -> None:
        self._tidy()
        self.answered.emit(code, answer)


def _nothing_to_tidy() -> None:
    """Stand in until there is a folder."""

"""Engine commands on a project, which is written to a temporary graph file for the command."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.processes.engine_command import NOT_STARTED, EngineCommand
from engine.core.diagnostic import DiagnosticError
from engine.graph.model import Project
from engine.graph.serialization import file


class GraphCommand(QObject):
    """Runs an engine command on a project, which is written to a temporary graph file.

    Only one command runs at a time.

    Signals:
        finished: see `EngineCommand`.
    """

    finished = Signal(int, bytes)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._remove_snapshot: Callable[[], object] = lambda: None
        self._command = EngineCommand(self)
        self._command.finished.connect(self._on_finished)

    @property
    def is_running(self) -> bool:
        """Whether a command is running."""
        return self._command.is_running

    def run(self, project: Project, name: str, words: Callable[[Path], Sequence[str]]) -> None:
        """Start a command on a project; kill a running command without emitting `finished`.

        Args:
            name: the name of the temporary file with the project. Diagnostics contain this name.
            words: a function that returns the command and its arguments for the path of this file.
        """
        self.cancel()
        try:
            folder = Path(tempfile.mkdtemp(prefix="layerloom-"))
            self._remove_snapshot = weakref.finalize(
                self, shutil.rmtree, folder, ignore_errors=True
            )
            graph = folder / name
            file.write(graph, project)
        except (OSError, DiagnosticError):
            self._on_finished(NOT_STARTED, b"")
            return
        self._command.run(words(graph))

    def cancel(self) -> None:
        """Kill the running command, if any, without emitting `finished`."""
        self._command.cancel()
        self._remove_snapshot()

    def _on_finished(self, code: int, output: bytes) -> None:
        self._remove_snapshot()
        self.finished.emit(code, output)

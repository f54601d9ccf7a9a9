"""Engine commands on a project, which is written to a temporary graph file for the command."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.documents.session import SEPARATE_SPLITS, SplitPaths
from app.processes.json_lines_process import NO_EXIT_CODE, JsonLinesProcess
from engine.core.diagnostic import DiagnosticError
from engine.core.formatting.urls import absolute_text
from engine.graph.model import Project
from engine.graph.serialization import file


def split_options(split_paths: SplitPaths) -> list[str]:
    """Return the command-line options for separate validation and test files."""
    files = zip(SEPARATE_SPLITS, split_paths, strict=True)
    return [word for split, path in files if path for word in (f"--{split}", absolute_text(path))]


class GraphCommand(QObject):
    """Runs an engine command on a project, which is written to a temporary graph file.

    Only one command runs at a time.

    Signals:
        finished: the command has ended; sends the exit code and the --json output, as in
            `JsonLinesProcess`.
    """

    finished = Signal(int, bytes)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._remove_snapshot: Callable[[], object] = lambda: None
        self._command = JsonLinesProcess(self)
        self._command.finished.connect(self._on_finished)

    @property
    def is_running(self) -> bool:
        """Whether a command is running."""
        return self._command.is_running

    def run(self, project: Project, name: str, words: Callable[[Path], Sequence[str]]) -> None:
        """Start a command on a project; kill a running command without emitting `finished`.

        Args:
            name: the name of the temporary file with the project. Diagnostics contain this name.
            words: returns the command and its arguments, without --json, for the path of this file.
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
            self._on_finished(NO_EXIT_CODE, b"")
            return
        self._command.start([*words(graph), "--json"])

    def cancel(self) -> None:
        """Kill the running command, if any, without emitting `finished`."""
        self._command.stop()
        self._remove_snapshot()

    def _on_finished(self, code: int, output: bytes) -> None:
        self._remove_snapshot()
        self.finished.emit(code, output)

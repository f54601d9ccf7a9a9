"""Short engine commands that run without blocking the window."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.session import SEPARATE_SPLITS, SplitPaths
from app.processes.engine_process import EngineProcess

NOT_STARTED = -1000  # the exit code of a process that could not be started
_POLL_INTERVAL = 50  # milliseconds


def split_options(split_paths: SplitPaths) -> list[str]:
    """Return the command-line options for separate validation and test files."""
    files = zip(SEPARATE_SPLITS, split_paths, strict=True)
    return [word for split, path in files if path for word in (f"--{split}", str(path.absolute()))]


class EngineCommand(QObject):
    """Runs one engine command at a time. A new command kills the running one.

    Signals:
        finished: the command has ended; sends an exit code and the --json output (may be b""). The
            exit code is minus the signal number if the process was killed, and `NOT_STARTED` if it
            could not be started.
    """

    finished = Signal(int, bytes)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: EngineProcess | None = None
        self._timer = QTimer(self, interval=_POLL_INTERVAL)
        self._timer.timeout.connect(self._on_tick)

    @property
    def is_running(self) -> bool:
        """Whether a command is running."""
        return self._process is not None

    def run(self, arguments: Sequence[str]) -> None:
        """Start `engine` with `arguments` and --json. The first argument is the command name."""
        self.cancel()
        try:
            self._process = EngineProcess([*arguments, "--json"], Path(os.devnull))
        except OSError:
            self.finished.emit(NOT_STARTED, b"")
            return
        self._timer.start()

    def cancel(self) -> None:
        """Kill the running command, if any, without emitting `finished`."""
        if self._process is not None:
            self._process.kill()
            self._process.detach()
            self._process = None
            self._timer.stop()

    def _on_tick(self) -> None:
        assert self._process is not None
        code = self._process.poll()
        if code is None:
            return
        output = self._process.read_output()
        self._process.detach()
        self._process = None
        self._timer.stop()
        self.finished.emit(code, output)

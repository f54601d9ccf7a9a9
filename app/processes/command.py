"""A short `engine` command whose answer the window waits for without standing still."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.processes.engine_process import Child

NOT_STARTED = -1000  # in the place of an exit code
_EVERY = 50  # milliseconds between two looks


class Command(QObject):
    """Runs one command at a time; a new one takes the place of the old.

    Signals:
        answered: exit code, negative for a signal or `NOT_STARTED`; and the answer with --json,
            b"" if there is none.
    """

    answered = Signal(int, bytes)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._child: Child | None = None
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self._on_tick)

    @property
    def running(self) -> bool:
        """True until it has answered."""
        return self._child is not None

    def run(self, words: Sequence[str]) -> None:
        """Start a command."""
        self.cancel()
        try:
            self._child = Child([*words, "--json"], Path(os.devnull))
        except OSError:
            self.answered.emit(NOT_STARTED, b"")
            return
        self._timer.start()

    def cancel(self) -> None:
        """End the command, if one runs; it gives no answer."""
        if self._child is not None:
            self._child.kill()
            self._child.let_go()
            self._child = None
            self._timer.stop()

    def _on_tick(self) -> None:
        assert self._child is not None
        code = self._child.poll()
        if code is None:
            return
        answer = self._child.answer()
        self._child.let_go()
        self._child = None
        self._timer.stop()
        self.answered.emit(code, answer)

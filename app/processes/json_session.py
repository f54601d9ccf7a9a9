"""A command of the engine that is talked to: lines of JSON each way, for as long as both like."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from app.processes.engine_process import HOME

_GONE = 2000  # milliseconds that a process has to be gone after it was killed


class Talk(QObject):
    """One process at a time, which ends with the window; a new one takes the place of the old.

    Signals:
        told: a line that it said, a JSON object.
        ended: it has ended by itself; its exit code, and what it said besides such lines, which is
            the answer that a command gives with --json.
    """

    told = Signal(dict)
    ended = Signal(int, bytes)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._left, self._rest = b"", b""

    @property
    def running(self) -> bool:
        """True until it has ended."""
        return self._process is not None

    def start(self, words: Sequence[str]) -> None:
        """Start a command."""
        self.stop()
        self._left = self._rest = b""
        process = self._process = QProcess(self)
        process.setProgram(sys.executable)
        process.setArguments(["-m", "engine", *words])
        process.setWorkingDirectory(str(HOME))
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._on_said)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        process.start()

    def send(self, asked: Mapping[str, Any]) -> None:
        """Say a line to it."""
        if self._process is not None:
            self._process.write(json.dumps(asked).encode() + b"\n")

    def stop(self) -> None:
        """End it at once, if it runs; it tells nothing more."""
        process, self._process = self._process, None
        if process is None:
            return
        for signal in (process.readyReadStandardOutput, process.finished, process.errorOccurred):
            signal.disconnect()
        process.kill()
        process.waitForFinished(_GONE)
        process.deleteLater()

    def _on_said(self) -> None:
        process = self._process
        assert process is not None
        *lines, self._left = (self._left + process.readAllStandardOutput().data()).split(b"\n")
        for line in lines:
            found = None if self._rest else _object(line)
            if found is None:
                self._rest += line + b"\n"
            else:
                self.told.emit(found)
            if self._process is not process:  # whoever heard it has stopped it
                return

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._on_said()
        if self._process is None:
            return
        crashed = status == QProcess.ExitStatus.CrashExit
        self._end(-1 if crashed else code, self._rest + self._left)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(-1, b"")

    def _end(self, code: int, rest: bytes) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
            self.ended.emit(code, rest)


def _object(line: bytes) -> dict[str, Any] | None:
    """Return the JSON object in a line, None if there is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None

"""An engine command that exchanges lines of JSON with the window."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QProcess, Signal

from app.processes.engine_process import ENGINE_ROOT
from app.processes.output_parser import parse_object

NO_EXIT_CODE = -1  # the exit code of a process that crashed or could not be started
_KILL_TIMEOUT = 2000  # milliseconds to wait for the end of a killed process


class JsonLinesProcess(QObject):
    """Runs one process at a time; each message, in both directions, is a line of JSON.

    A new process replaces (kills) the previous one. The end of the application ends the process.

    Signals:
        message_received: a message from the process, as a JSON object.
        finished: the process has ended; sends the exit code or `NO_EXIT_CODE`, and the output that
            is no message, such as the --json output of a command. Not emitted after `stop`.
    """

    message_received = Signal(dict)
    finished = Signal(int, bytes)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        application = QCoreApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self.stop)
        # The last line while it is incomplete; all output from the first line that is not JSON.
        self._partial_line, self._rest = b"", bytearray()

    @property
    def is_running(self) -> bool:
        """Whether the process is running."""
        return self._process is not None

    def start(self, arguments: Sequence[str]) -> None:
        """Start `engine` with `arguments`. The first argument is the command name."""
        self.stop()
        self._partial_line, self._rest = b"", bytearray()
        process = self._process = QProcess(self)
        process.setProgram(sys.executable)
        process.setArguments(["-m", "engine", *arguments])
        process.setWorkingDirectory(str(ENGINE_ROOT))
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._on_output)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        process.start()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one message as a line to the process's stdin."""
        if self._process is not None:
            self._process.write(json.dumps(message).encode() + b"\n")

    def stop(self) -> None:
        """Kill the process, if it is running; no further signals are emitted."""
        process, self._process = self._process, None
        if process is None:
            return
        for signal in (process.readyReadStandardOutput, process.finished, process.errorOccurred):
            signal.disconnect()
        process.kill()
        process.waitForFinished(_KILL_TIMEOUT)
        process.deleteLater()

    def _on_output(self) -> None:
        process = self._process
        assert process is not None
        output = self._partial_line + process.readAllStandardOutput().data()
        *lines, self._partial_line = output.split(b"\n")
        for line in lines:
            message = None if self._rest else parse_object(line)
            if message is None:
                self._rest += line + b"\n"
            else:
                self.message_received.emit(message)
            if self._process is not process:  # a slot has stopped the process
                return

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._on_output()
        if self._process is None:
            return
        crashed = status == QProcess.ExitStatus.CrashExit
        self._finish(NO_EXIT_CODE if crashed else code, bytes(self._rest + self._partial_line))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._finish(NO_EXIT_CODE, b"")

    def _finish(self, code: int, rest: bytes) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
            self.finished.emit(code, rest)

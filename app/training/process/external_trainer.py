"""A process outside this window that trains a run."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

from engine.core.diagnostic import DiagnosticError
from engine.runs.control import requests
from engine.runs.log import posix
from engine.runs.log.lock import LockHolder, lock_holder

UNKNOWN_EXIT_CODE = 1 << 16  # stands for the exit code of a process that is not a child
_POLL_SECONDS = 0.25  # between two reads of the run lock


class ExternalTrainer:
    """A training process that this window did not start, found by the lock of its run.

    It has the methods of an `EngineProcess`.
    """

    def __init__(self, run: Path) -> None:
        self._run = run
        self._last_poll_time = 0.0
        self._holder: LockHolder | None = None
        self.poll()

    @property
    def pid(self) -> int:
        """The process id, 0 if it is unknown or the process runs on another machine."""
        holder = self._holder
        if holder is None or (holder.host, holder.boot) != (socket.gethostname(), posix.boot_id()):
            return 0
        return holder.pid

    def poll(self) -> int | None:
        """Return None while the process holds the lock of its run, then `UNKNOWN_EXIT_CODE`."""
        now = time.monotonic()
        if now - self._last_poll_time >= _POLL_SECONDS:
            self._last_poll_time = now
            self._holder = lock_holder(self._run)
        return UNKNOWN_EXIT_CODE if self._holder is None else None

    def read_output(self) -> bytes:
        """Return b"", because the stdout of the process is not accessible."""
        return b""

    def request_stop(self) -> None:
        """Send a stop request through the run folder. A suspended process is made to continue."""
        with suppress(DiagnosticError):
            requests.append_request(self._run, "stop")
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill the process if it runs on this machine."""
        self._signal(signal.SIGKILL)

    def detach(self) -> None:
        """Do nothing, since there is nothing to release."""

    def _signal(self, number: signal.Signals) -> None:
        # Read the lock again: the process id may have been reused since the last poll.
        self._holder = lock_holder(self._run)
        if self.pid > 0:
            with suppress(OSError):
                os.kill(self.pid, number)

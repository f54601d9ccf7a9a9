"""Whoever trains a run: a process that this window started, or one that somebody else did."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from engine.core.diagnostic import Refused
from engine.runs.control import requests
from engine.runs.folder import posix
from engine.runs.folder.lock import Holder, holder_of

UNSEEN = 1 << 16  # in place of the exit code of a process that is not our child
_EVERY = 0.25  # seconds between two looks at the lock


class Trainer(Protocol):
    """A process that trains, or trained."""

    @property
    def pid(self) -> int:
        """The process, 0 if it is not known."""

    def poll(self) -> int | None:
        """Return its exit code, `UNSEEN` if nobody can tell it, None while it runs."""

    def answer(self) -> bytes:
        """Return what it said on stdout so far."""

    def ask_to_stop(self) -> None:
        """Let it finish its step, save and leave."""

    def kill(self) -> None:
        """End it at once."""

    def let_go(self) -> None:
        """Watch it no longer. It runs on to its own end."""


class Stranger:
    """A process that holds a run's lock, started in a terminal or by an earlier window.

    Args:
        run: its folder; nobody need train there.
    """

    def __init__(self, run: Path) -> None:
        self._run = run
        self._looked = 0.0
        self._holder: Holder | None = None
        self.poll()

    @property
    def pid(self) -> int:
        """The process, 0 if it is not known or runs on another machine."""
        holder = self._holder
        here = (socket.gethostname(), posix.boot_id())
        return holder.pid if holder is not None and (holder.host, holder.boot) == here else 0

    def poll(self) -> int | None:
        """Return None while somebody holds the lock."""
        now = time.monotonic()
        if now - self._looked >= _EVERY:
            self._looked = now
            self._holder = holder_of(self._run)
        return UNSEEN if self._holder is None else None

    def answer(self) -> bytes:
        """Return nothing: its words went elsewhere."""
        return b""

    def ask_to_stop(self) -> None:
        """Ask through the run folder, and wake it if it was halted."""
        with suppress(Refused):
            requests.send(self._run, "stop")
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, if it runs on this machine."""
        self._signal(signal.SIGKILL)

    def let_go(self) -> None:
        """Nothing is held."""

    def _signal(self, number: signal.Signals) -> None:
        self._holder = holder_of(self._run)  # else the number might be another process' by now
        if self.pid > 0:
            with suppress(OSError):
                os.kill(self.pid, number)

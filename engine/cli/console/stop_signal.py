"""Ctrl-C and SIGTERM, which end a training after its current step."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from engine.launch.torchrun import current_rank


class StopSignal:
    """A callable that returns the name of the received signal, "" if none was received."""

    def __init__(self) -> None:
        self._name, self._rank = "", current_rank()
        self._parent = os.getppid()

    def __call__(self) -> str:
        """Return the name of the first signal."""
        # A rank whose launcher was killed has a new parent.
        if not self._name and self._rank.is_launched and os.getppid() != self._parent:
            self._name = signal.SIGTERM.name
        return self._name

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Record the first signal; exit immediately on the second."""
        if self._name:
            _ignore_signals()
            sys.exit(128 + number)
        self._name = signal.Signals(number).name
        # Not with sys.stderr, which raises an error if the signal interrupted a write to it.
        with suppress(OSError):
            if self._rank.number == 0:
                os.write(2, b"Stopping after this step; press again to stop now ...\n")


@contextmanager
def handle_signals() -> Iterator[StopSignal]:
    """A context that records SIGINT and SIGTERM, so that they do not interrupt a training step."""
    stop_signal = StopSignal()
    previous = {s: signal.signal(s, stop_signal.on_signal) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop_signal
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        if stop_signal():
            _ignore_signals()


def _ignore_signals() -> None:
    """Ignore further SIGINT and SIGTERM, so that they can't interrupt the exit."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)

"""The engine as a process of its own, in a session of its own: it outlives the window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import engine

# Where the child starts. A folder of the person's may hold a `torch.py`, and would be imported.
HOME = Path(engine.__file__).parents[1]
_LONGEST_ANSWER = 1 << 22  # bytes

# Processes that nobody watches any more, but which the system keeps until somebody asks for them.
_let_go: set[int] = set()


def reap() -> int:
    """Bury those that ended since they were let go; answer how many still run."""
    for pid in list(_let_go):
        with suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG) == (0, 0):
                continue
        _let_go.discard(pid)
    return len(_let_go)


class Child:
    """One `engine` command, started.

    Args:
        words: the command.
        log: a file that takes what it says on stderr.

    Raises:
        OSError: if it can't be started, or the log can't be written.
    """

    def __init__(self, words: Sequence[str], log: Path) -> None:
        reap()
        self._answer = _nameless_file()
        try:
            with log.open("ab") as said:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "engine", *words],
                    stdin=subprocess.DEVNULL,
                    stdout=self._answer,
                    stderr=said,
                    cwd=HOME,
                    start_new_session=True,
                )
        except OSError:
            self._close()
            raise

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def poll(self) -> int | None:
        """Return its exit code, negative for the signal that killed it, None while it runs."""
        return self._process.poll()

    def answer(self) -> bytes:
        """Return what it said on stdout so far."""
        return os.pread(self._answer, _LONGEST_ANSWER, 0)

    def ask_to_stop(self) -> None:
        """Let it finish its step, save and leave; one that was halted goes on to do so."""
        if self.poll() is None:
            self._process.terminate()
            self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, with whatever it started."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def let_go(self) -> None:
        """Watch it no longer. It runs on to its own end."""
        if self._answer >= 0 and self.poll() is None:
            _let_go.add(self.pid)
            self._process.returncode = 0  # else its destructor complains that it still runs
        self._close()

    def __del__(self) -> None:
        if hasattr(self, "_process"):
            self.let_go()

    def _close(self) -> None:
        if self._answer >= 0:
            os.close(self._answer)
            self._answer = -1


def _nameless_file() -> int:
    """Return the handle of a new file that is gone when the last process closes it."""
    handle, name = tempfile.mkstemp(prefix="layerloom-")
    os.unlink(name)
    return handle

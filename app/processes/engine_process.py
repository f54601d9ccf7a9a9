"""An engine command as a detachable process, which can outlive the window."""

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

# The working directory of the process. In the user's folder, a module such as `torch.py` would be
# imported instead of the real one.
ENGINE_ROOT = Path(engine.__file__).parents[1]
_MAX_OUTPUT_BYTES = 1 << 22

# The ids of detached processes, which are zombies after their end until they are waited for.
_detached: set[int] = set()


def reap_detached() -> int:
    """Reap the detached processes that have ended, and return how many are still running."""
    for pid in list(_detached):
        with suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG) == (0, 0):
                continue
        _detached.discard(pid)
    return len(_detached)


class EngineProcess:
    """A running `engine` command in a separate process session.

    Args:
        arguments: the name of the engine command, then its arguments.
        log: the file to which stderr is appended.

    Raises:
        OSError: if the process can't be started or the log can't be written.
    """

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        reap_detached()
        self._output = tempfile.TemporaryFile(prefix="layerloom-")  # noqa: SIM115 - see `detach`
        try:
            with log.open("ab") as stderr:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "engine", *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=self._output,
                    stderr=stderr,
                    cwd=ENGINE_ROOT,
                    start_new_session=True,
                )
        except OSError:
            self._output.close()
            raise

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def poll(self) -> int | None:
        """Return the exit code (minus the signal number if killed); None while the process runs."""
        return self._process.poll()

    def read_output(self) -> bytes:
        """Return the output on stdout so far."""
        return os.pread(self._output.fileno(), _MAX_OUTPUT_BYTES, 0)

    def request_stop(self) -> None:
        """Send SIGTERM: a training process finishes its training step, saves and exits.

        SIGCONT is sent as well because a suspended process can't handle SIGTERM.
        """
        if self.poll() is None:
            self._process.terminate()
            self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill the process and its child processes at once."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def detach(self) -> None:
        """Stop watching the process, which continues to run."""
        if not self._output.closed and self.poll() is None:
            _detached.add(self.pid)
            self._process.returncode = 0  # prevents a ResourceWarning by the destructor of Popen
        self._output.close()

    def __del__(self) -> None:
        if hasattr(self, "_process"):
            self.detach()

"""The lock of a run folder: one trainer at a time, and a dead one never blocks."""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.files.atomic_write import file_error, printable_path
from engine.runs.log import posix

NAME = ".lock"
_MOST = 4096  # bytes of a holder's words
_PATIENCE = 0.25  # seconds; a window that asks who trains holds the lock for some microseconds


@dataclass(frozen=True, slots=True)
class Holder:
    """Who trains in a folder, as far as it told."""

    pid: int = 0
    host: str = ""
    boot: str = ""
    start: str = ""


class RunLock:
    """Held for as long as a training runs. The file stays; only the lock on it counts.

    Raises:
        Refused: run-busy, if another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / NAME
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            raise file_error(error, path, "written") from error
        try:
            taken = self._take()
        except OSError as error:
            posix.unlock(self._handle)
            raise file_error(error, path, "locked") from error
        if not taken:
            posix.unlock(self._handle)
            raise DiagnosticError(_busy(folder))
        self._sign()

    def _take(self) -> bool:
        deadline = time.monotonic() + _PATIENCE
        while not posix.try_lock(self._handle):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _sign(self) -> None:
        """Say who holds the lock, if the disk has room for that; the lock holds without."""
        start = datetime.now(UTC).isoformat(timespec="seconds")
        holder = Holder(os.getpid(), socket.gethostname(), posix.boot_id(), start)
        with suppress(OSError):
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, json.dumps(asdict(holder)).encode(), 0)

    def release(self) -> None:
        """Let the next trainer in."""
        if self._handle >= 0:
            posix.unlock(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.release()


def holder_of(folder: Path) -> Holder | None:
    """Return who trains in a folder, None if nobody does."""
    path = folder / NAME
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        return _signed(path) if posix.is_locked(handle) else None
    except OSError:  # some network drives know no locks
        return None
    finally:
        os.close(handle)


def _signed(path: Path) -> Holder:
    with suppress(OSError, ValueError, TypeError, LookupError, RecursionError):
        said = json.loads(path.read_bytes()[:_MOST].decode())
        if all(type(said[key]) is type(blank) for key, blank in asdict(Holder()).items()):
            return Holder(**said)
    return Holder()


def _busy(folder: Path) -> Diagnostic:
    holder = _signed(folder / NAME)
    who = f"process {holder.pid} on {holder.host}, since {holder.start}" if holder.pid else "yes"
    return Diagnostic(
        "run-busy",
        "another process trains in this run folder",
        place=printable_path(folder),
        found=who,
        expected="nobody else",
        fixes=(
            Fix("Wait until it is done, or stop it."),
            Fix("Train into another folder with --run."),
        ),
    )

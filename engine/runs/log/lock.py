"""The lock of a run folder. One training process holds it, and its exit releases the lock."""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.files.atomic_write import file_error, printable_path
from engine.runs.log import posix

LOCK_FILE = ".lock"
_MAX_BYTES = 4096  # maximum number of bytes that are read from the lock file
_TIMEOUT_SECONDS = 0.25  # a window that checks the lock also holds it, but only for microseconds


@dataclass(frozen=True, slots=True)
class LockHolder:
    """The process that holds a lock, as the lock file describes it. Unknown fields are empty."""

    pid: int = 0
    host: str = ""
    boot: str = ""
    start: str = ""


class RunLock:
    """An exclusive lock on the lock file of a run folder, acquired when the object is created.

    The file remains after the lock is released.

    Args:
        folder: the run folder.
        pid: the process to end if the training has to be ended; None for this process.

    Raises:
        DiagnosticError: run-busy, if another process holds the lock.
    """

    def __init__(self, folder: Path, pid: int | None = None) -> None:
        path = folder / LOCK_FILE
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            raise file_error(error, path, "written") from error
        try:
            is_acquired = self._acquire()
        except OSError as error:
            posix.unlock(self._handle)
            raise file_error(error, path, "locked") from error
        if not is_acquired:
            posix.unlock(self._handle)
            raise _busy_error(folder)
        self._write_holder(pid or os.getpid())

    def _acquire(self) -> bool:
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while not posix.try_lock(self._handle):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _write_holder(self, pid: int) -> None:
        """Describe the process in the lock file. Errors are ignored: the lock works anyway."""
        start = datetime.now(UTC).isoformat(timespec="seconds")
        holder = LockHolder(pid, socket.gethostname(), posix.boot_id(), start)
        with suppress(OSError):
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, json.dumps(asdict(holder)).encode(), 0)

    def release(self) -> None:
        """Release the lock."""
        if self._handle >= 0:
            posix.unlock(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


def lock_holder(folder: Path) -> LockHolder | None:
    """Return the process that holds the lock of a run folder; None if no process does."""
    path = folder / LOCK_FILE
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        return _read_holder(path) if posix.is_locked(handle) else None
    except OSError:  # some network drives do not support locks
        return None
    finally:
        os.close(handle)


def _read_holder(path: Path) -> LockHolder:
    with suppress(OSError, ValueError, TypeError, LookupError, RecursionError):
        fields = json.loads(path.read_bytes()[:_MAX_BYTES].decode())
        if all(type(fields[key]) is type(empty) for key, empty in asdict(LockHolder()).items()):
            return LockHolder(**fields)
    return LockHolder()


def _busy_error(folder: Path) -> DiagnosticError:
    holder = _read_holder(folder / LOCK_FILE)
    process = f"process {holder.pid} on {holder.host}, since {holder.start}"
    return diagnostic_error(
        "run-busy",
        "another process is training in this run folder",
        "Wait until it has finished, or stop it.",
        "Train into another folder with --run.",
        place=printable_path(folder),
        found=process if holder.pid else "an unknown process",
        expected="a run folder that no other process uses",
    )

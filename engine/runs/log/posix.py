"""All platform-specific calls: file locks and process information of POSIX systems."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

_LOCKED_HANDLES: set[int] = set()


def try_lock(handle: int) -> bool:
    """Acquire an exclusive lock on an open file; return False if another process holds a lock.

    The system releases the lock when this process ends or is killed. A forked child closes its copy
    of the file because an open copy would keep the lock after the parent has ended.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    _LOCKED_HANDLES.add(handle)
    return True


def unlock(handle: int) -> None:
    """Release a lock and close its file; ignore errors."""
    _LOCKED_HANDLES.discard(handle)
    with suppress(OSError):
        os.close(handle)


def is_locked(handle: int) -> bool:
    """Return whether another process locks the file `handle`. If not, briefly share-lock it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(handle, fcntl.LOCK_UN)
    return False


def resident_memory() -> int:
    """Return the resident memory of this process in bytes; 0 if it is unknown."""
    with suppress(OSError, ValueError, IndexError):
        resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        return int(resident) * os.sysconf("SC_PAGE_SIZE")
    return 0


def boot_id() -> str:
    """Return an identifier of the current boot of the system; "" if it is unknown."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def _close_in_child() -> None:
    for handle in _LOCKED_HANDLES:
        with suppress(OSError):
            os.close(handle)
    _LOCKED_HANDLES.clear()


os.register_at_fork(after_in_child=_close_in_child)

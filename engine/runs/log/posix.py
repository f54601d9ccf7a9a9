"""The calls that only POSIX systems have; another system needs another module of these names."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

_HELD: set[int] = set()


def try_lock(handle: int) -> bool:
    """Take an exclusive lock on an open file, or answer False if another process holds one.

    The system frees it when the process ends, however it ends. A forked child lets go of its copy
    of the file, which would else keep the lock alive after its parent.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    _HELD.add(handle)
    return True


def unlock(handle: int) -> None:
    """Let go of a lock and close its file; the lock is gone, whatever closing answers."""
    _HELD.discard(handle)
    with suppress(OSError):
        os.close(handle)


def is_locked(handle: int) -> bool:
    """Return whether another process holds the lock, by taking a shared one for a moment."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(handle, fcntl.LOCK_UN)
    return False


def memory_in_use() -> int:
    """Return the bytes of main memory that this process holds, 0 where they can't be known."""
    with suppress(OSError, ValueError, IndexError):
        resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        return int(resident) * os.sysconf("SC_PAGE_SIZE")
    return 0


def boot_id() -> str:
    """Return what tells one start of this machine from the next, "" where it can't be known."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def _let_go_in_child() -> None:
    for handle in _HELD:
        with suppress(OSError):
            os.close(handle)
    _HELD.clear()


os.register_at_fork(after_in_child=_let_go_in_child)

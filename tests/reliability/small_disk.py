"""A disk that is really full: a file system in memory that only this process sees."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from pathlib import Path

_NEW_USER, _NEW_MOUNTS = 0x10000000, 0x00020000
_PRIVATE = 0x4000 | 0x40000  # recursively
PAGE = 4096
TMPFS, LIMIT = "a disk of its own", "a limit on the size of files"


class SmallDisk:
    """A folder with little space. If mounting is not permitted, file sizes are limited instead.

    Args:
        folder: its path; the folder must be empty.
        size: total bytes.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self._ballast = folder / ".ballast"
        self.kind = TMPFS if _mounted(folder, size) else LIMIT

    @property
    def free(self) -> int:
        """Free bytes."""
        state = os.statvfs(self.folder)
        return state.f_bavail * state.f_frsize

    def leave(self, room: int) -> None:
        """Occupy all but `room` bytes."""
        if self.kind == LIMIT:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
            return
        self.free_all()
        with self._ballast.open("wb") as file:
            file.write(bytes(max(0, self.free - room)))

    def free_all(self) -> None:
        """Free the occupied space."""
        self._ballast.unlink(missing_ok=True)
        if self.kind == LIMIT:
            whole = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.setrlimit(resource.RLIMIT_FSIZE, whole)


def _mounted(folder: Path, size: int) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    root = user == 0
    if libc.unshare(_NEW_MOUNTS | (0 if root else _NEW_USER)):
        return False
    if not root:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    libc.mount(b"none", b"/", None, _PRIVATE, None)
    options = f"size={size}".encode()
    return bool(libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, options) == 0)

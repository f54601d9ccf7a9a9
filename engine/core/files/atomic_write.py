"""Atomic file writes: after a crash, the complete old file or the complete new one is on disk."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.formatting.sizes import format_bytes

_CODES = {
    errno.ENOENT: "file-missing",
    errno.EACCES: "file-denied",
    errno.EPERM: "file-denied",
    errno.EROFS: "file-denied",
    errno.EISDIR: "file-is-folder",
    errno.EEXIST: "file-in-the-way",
    errno.ENOTDIR: "file-missing",
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full",
}
_ADVICE = {
    "file-missing": ("an existing path", "Check the spelling of every folder in the path."),
    "file-denied": ("a path that this user has access to", "Choose a folder of your own."),
    "file-is-folder": ("a file", "Name a file in that folder."),
    "file-in-the-way": ("a folder, or no file", "Choose another name, or move the file away."),
    "disk-full": ("space for the whole file", "Free some space, or choose another disk."),
    "disk-failed": ("a working disk", "Try again, or choose another disk."),
}
# O_EXCL: never open a file that exists; O_NOFOLLOW: never write through a symbolic link.
_CREATE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_CANT_SYNC_FOLDERS = (errno.EINVAL, errno.ENOTSUP)  # on some network drives; no alternative there


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write `data` to `path` atomically and durably.

    The data goes to a temporary file in the same folder, which is synced to disk and then renamed
    to `path`. A reader sees the complete old or the complete new file, also after a power cut.

    Raises:
        DiagnosticError: with the reason. The old file is unchanged; the temporary file is removed.
    """
    target = Path(path)
    try:
        _replace(target, data)
    except (OSError, ValueError) as error:
        raise file_error(error, target, "written", len(data)) from error


def make_folder(path: Path) -> None:
    """Create a folder and its parents, unless they exist; raise a DiagnosticError on failure."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise file_error(error, path, "written") from error


def _replace(target: Path, data: bytes) -> None:
    temp = target.with_name(f"{target.name[:40]}.tmp-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        _write_new(temp, data)
        with suppress(FileNotFoundError):  # keep the permissions of a file that is replaced
            os.chmod(temp, stat.S_IMODE(os.stat(target).st_mode) & 0o777)
        os.replace(temp, target)
    except BaseException:
        with suppress(OSError, ValueError):
            os.unlink(temp)
        raise
    _sync_folder(target.parent)


def _write_new(temp: Path, data: bytes) -> None:
    """Write a file that does not exist yet, and sync it to disk.

    Why: there is no retry after a failed fsync. The system may have dropped the unwritten pages,
    and a second fsync would then report success.
    """
    handle = os.open(temp, _CREATE_FLAGS, 0o666)
    try:
        write_all(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def write_all(handle: int, data: bytes) -> None:
    """Write all of `data` to an open file descriptor, in as many system calls as it takes."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _sync_folder(folder: Path) -> None:
    """Sync a folder's entries, if the disk supports it, so that a rename survives a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANT_SYNC_FOLDERS:
            raise
    finally:
        os.close(handle)


def file_error(
    error: OSError | ValueError, path: Path, action: str, size: int = 0
) -> DiagnosticError:
    """Return the DiagnosticError for an operating system error.

    Args:
        error: the exception; Python raises a ValueError for a path that no file can have.
        action: what failed, "read" or "written".
        size: how many bytes were to be written, if known.
    """
    number = error.errno if isinstance(error, OSError) else errno.ENOENT
    code = _CODES.get(number or 0, "disk-failed")
    expected, advice = _ADVICE[code]
    found = (error.strerror if isinstance(error, OSError) else None) or str(error)
    if code == "disk-full" and size:
        found, expected = f"{found}, {_free_space(path)} left", f"space for {format_bytes(size)}"
    return diagnostic_error(
        code,
        f"{printable_path(path)} can't be {action}",
        advice,
        place=printable_path(path),
        found=found,
        expected=expected,
    )


def _free_space(path: Path) -> str:
    with suppress(OSError, ValueError):
        return format_bytes(shutil.disk_usage(path.parent).free)
    return "an unknown amount"


def printable_path(path: str | os.PathLike[str]) -> str:
    """Return a path as printable text: undecodable bytes and control characters are escaped."""
    text = os.fspath(path).encode("utf-8", "backslashreplace").decode()
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)

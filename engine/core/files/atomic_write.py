"""Writing a file so that, whatever happens, either the old or the new one is there whole."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.formatting.sizes import in_bytes

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
    "file-missing": ("a path that leads somewhere", "Check the spelling of every folder in it."),
    "file-denied": ("a place that this user may use", "Choose a folder of your own."),
    "file-is-folder": ("a file", "Name a file in that folder."),
    "file-in-the-way": ("a folder, or nothing yet", "Choose another name, or move the file away."),
    "disk-full": ("room for the whole file", "Free some space, or choose another disk."),
    "disk-failed": ("a disk that answers", "Try again, or choose another disk."),
}
_NEW = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)
_CANT_SYNC_FOLDERS = (errno.EINVAL, errno.ENOTSUP)  # some network drives; there is no other way


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Put `data` at `path` durably: a reader, or a power cut, sees all of the old or of the new.

    Raises:
        Refused: with the reason; the old file stands, and nothing is left beside it.
    """
    target = Path(path)
    try:
        _replace(target, data)
    except (OSError, ValueError) as error:
        raise refusal(error, target, "written", len(data)) from error


def make_folder(path: Path) -> None:
    """Make a folder and those above it; one that is there already is left as it is.

    Raises:
        Refused: with the reason.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise refusal(error, path, "written") from error


def _replace(target: Path, data: bytes) -> None:
    temp = target.with_name(f"{target.name[:40]}.tmp-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        _write_new(temp, data)
        with suppress(FileNotFoundError):
            os.chmod(temp, stat.S_IMODE(os.stat(target).st_mode) & 0o777)
        os.replace(temp, target)
    except BaseException:
        with suppress(OSError, ValueError):
            os.unlink(temp)
        raise
    _sync_folder(target.parent)


def _write_new(temp: Path, data: bytes) -> None:
    """Write a file that was not there, to the disk itself.

    A disk that failed to keep the bytes once is not asked again: it may forget them and say yes.
    """
    handle = os.open(temp, _NEW, 0o666)
    try:
        write_all(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def write_all(handle: int, data: bytes) -> None:
    """Write all of `data` to an open file, however little the system takes at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANT_SYNC_FOLDERS:
            raise
    finally:
        os.close(handle)


def refusal(error: OSError | ValueError, path: Path, done: str, size: int = 0) -> Refused:
    """Return what the system's error means to a person.

    A ValueError is what Python makes of a path that no file can have.

    Args:
        error: what the system said.
        path: the file.
        done: what failed, "read" or "written".
        size: how many bytes were to be written, where that is known.
    """
    number = error.errno if isinstance(error, OSError) else errno.ENOENT
    code = _CODES.get(number or 0, "disk-failed")
    expected, advice = _ADVICE[code]
    found = (error.strerror if isinstance(error, OSError) else None) or str(error)
    if code == "disk-full" and size:
        found, expected = f"{found}, {_free(path)} left", f"room for {in_bytes(size)}"
    return Refused(
        Diagnostic(
            code,
            f"{shown(path)} can't be {done}",
            place=shown(path),
            found=found,
            expected=expected,
            fixes=(Fix(advice),),
        )
    )


def _free(path: Path) -> str:
    """Return how much of the disk that a file lies on is free."""
    with suppress(OSError, ValueError):
        return in_bytes(shutil.disk_usage(path.parent).free)
    return "nobody knows how much"


def shown(path: str | os.PathLike[str]) -> str:
    """Return a path as text that can be printed anywhere, odd bytes and line breaks escaped."""
    text = os.fspath(path).encode("utf-8", "backslashreplace").decode()
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)

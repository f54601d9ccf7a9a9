"""File stamps, which detect changes on disk, and checks of write permission."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from engine.core.diagnostic import diagnostic_error
from engine.core.files.atomic_write import printable_path

_MAX_HASHED_BYTES = 64 * 1024 * 1024  # graph files are smaller; hashing more would be slow


def sha256_hex(data: bytes) -> str:
    """Return the hexadecimal SHA-256 digest of `data`."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class FileStamp:
    """The state of a file: modification time, size and inode, and a hash of its content.

    The hash is computed again only if time, size or inode have changed.
    """

    metadata: tuple[int, int, int]
    sha: str

    @staticmethod
    def read(path: Path, previous: FileStamp | None = None) -> FileStamp | None:
        """Return the stamp of a file, None if it does not exist.

        If time, size and inode equal those of `previous`, return `previous` without reading the
        file. Also return `previous` if the file exists, but can't be read at the moment.
        """
        try:
            state = os.stat(path)
            if not stat.S_ISREG(state.st_mode):
                return None
            metadata = (state.st_mtime_ns, state.st_size, state.st_ino)
            if previous and previous.metadata == metadata:
                return previous
            data = b"" if state.st_size > _MAX_HASHED_BYTES else path.read_bytes()
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        except OSError:
            return previous
        return FileStamp(metadata, sha256_hex(data))


def is_read_only(path: Path) -> bool:
    """Return whether a file or its folder is write-protected.

    Why the permission bits are checked besides `os.access`: the system allows some saves of a
    protected file. Replacing the file needs only a writable folder, and root may write everything.
    """
    try:
        has_no_write_bit = not os.stat(path).st_mode & 0o222
    except (OSError, ValueError):
        return False
    return has_no_write_bit or not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK)


def require_writable(path: Path) -> None:
    """Check that a file can be saved.

    Raises:
        DiagnosticError: the existing file is read-only.
    """
    if is_read_only(path):
        raise diagnostic_error(
            "file-denied",
            f"{printable_path(path.name)} is read-only",
            "Save it under another name or in another folder.",
            "Allow writing to the file.",
            place=printable_path(path),
            found="no permission to write the file or its folder",
            expected="a file and a folder with write permission",
        )


def same_file(first: Path, second: Path) -> bool:
    """Return whether two paths refer to the same file. The file need not exist yet."""
    try:
        return os.path.samefile(first, second)
    except (OSError, ValueError):
        return os.path.abspath(first) == os.path.abspath(second)

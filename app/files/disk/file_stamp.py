"""What a file on the disk was when it was read or written last, and whether it still is."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.files.atomic_write import printable_path

_MOST = 64 * 1024 * 1024  # bytes; no graph file is larger, and hashing more would be felt


def sha_of(data: bytes) -> str:
    """Return the fingerprint of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file's state: cheap facts that tell it may be another, and the hash that tells it is."""

    facts: tuple[int, int, int]
    sha: str

    @staticmethod
    def of(path: Path, before: Stamp | None = None) -> Stamp | None:
        """Return a file's stamp, None if it is gone; `before` saves reading what has not changed.

        A file that can't be read at the moment counts as being what it was.
        """
        try:
            state = os.stat(path)
            if not stat.S_ISREG(state.st_mode):
                return None
            facts = (state.st_mtime_ns, state.st_size, state.st_ino)
            if before and before.facts == facts:
                return before
            data = b"" if state.st_size > _MOST else path.read_bytes()
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        except OSError:
            return before
        return Stamp(facts, sha_of(data))


def is_read_only(path: Path) -> bool:
    """Return whether a file, or the folder around it, is meant not to be written.

    Why: a save puts a new file in the old one's place, which a folder allows even where the file
    itself is marked; and root may write everything, so the mark is read, not tried.
    """
    try:
        marked = not os.stat(path).st_mode & 0o222
    except (OSError, ValueError):
        return False
    return marked or not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK)


def require_writable(path: Path) -> None:
    """Let a save go on.

    Raises:
        Refused: the file that is there is read-only.
    """
    if is_read_only(path):
        raise DiagnosticError(
            Diagnostic(
                "file-denied",
                f"{printable_path(path.name)} is read-only",
                place=printable_path(path),
                found="no permission to write the file or its folder",
                expected="a place that this user may write to",
                fixes=(
                    Fix("Save it under another name or in another folder."),
                    Fix("Give the file permission to be written."),
                ),
            )
        )


def same_file(one: Path, other: Path) -> bool:
    """Return whether two paths lead to one file, there or not yet."""
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return os.path.abspath(one) == os.path.abspath(other)

"""Recovery copies on the disk: a folder of slots for each running program, and what dead ones left.

A program holds a lock on its folder for as long as it lives, so nobody takes a living one's slots.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from app.files.disk.file_stamp import Stamp, sha_of
from app.files.recovery.recovery_copy import Copy
from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import file_error, make_folder, printable_path, write_bytes
from engine.graph.model import Project
from engine.graph.serialization.file import dumps, parse, read
from engine.runs.log import posix

ENDING = ".recovery.json"
_LOCK = ".lock"
_BROKEN = "broken"
_MOST = 80 * 1024 * 1024  # bytes; a graph file's 32 MiB, escaped


def recovery_folder() -> Path:
    """Return where this user's recovery copies are."""
    place = QStandardPaths.StandardLocation.AppLocalDataLocation
    return Path(QStandardPaths.writableLocation(place)) / "recovery"


@dataclass(frozen=True)
class Recoverable:
    """A copy that a dead program left, and the project in it."""

    copy: Copy
    project: Project
    slot: Path

    def base(self) -> tuple[Stamp | None, Project]:
        """Return what undo leads back to: the document's file, else an empty project.

        The stamp is that of the file when the copy was made, so that a file that changed since
        counts as changed.
        """
        path = self.copy.path
        if path is None:
            return None, Project()
        stamp = Stamp.of(path)
        expected = Stamp((0, 0, 0), self.copy.saved)
        try:
            project = read(path).project
        except (DiagnosticError, MemoryError):
            return expected, Project()
        return (stamp if stamp and stamp.sha == self.copy.saved else expected), project

    def remove(self) -> None:
        """Remove the slot, and its folder if nothing else is in it."""
        with suppress(OSError):
            self.slot.unlink()
        _remove_folder(self.slot.parent)


class Slots:
    """This program's slots, and those that others left behind.

    Args:
        folder: where the programs of this user have their folders; made when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: Path | None = None
        self._locks: list[int] = []

    def write(self, number: int, copy: Copy) -> None:
        """Put a copy into a slot, whole and read back.

        Raises:
            Refused: it could not be written; the copy before it stands.
        """
        path = self._own_folder() / f"{number}{ENDING}"
        data = copy.to_bytes()
        write_bytes(path, data)
        try:
            whole = path.read_bytes() == data
        except OSError as error:
            raise file_error(error, path, "read") from error
        if not whole:
            raise file_error(OSError(5, "the disk gave back something else"), path, "written")

    def remove(self, number: int) -> None:
        """Empty a slot; one that is empty is let pass."""
        if self._own is not None:
            with suppress(OSError):
                (self._own / f"{number}{ENDING}").unlink()

    def close(self) -> None:
        """Remove this program's folder if its slots are empty, and let go of all locks."""
        if self._own is not None:
            _remove_folder(self._own)
        for handle in self._locks:
            posix.unlock(handle)
        self._locks.clear()
        self._own = None

    def left_behind(self) -> tuple[list[Recoverable], list[str]]:
        """Return the copies of dead programs that say more than their files, and what went wrong.

        A copy that can't be read is put aside and told, one that tells nothing new is removed.
        """
        found: list[Recoverable] = []
        notes: list[str] = []
        for folder in self._dead():
            for slot in sorted(folder.glob(f"*{ENDING}")):
                left = self._read(slot, notes)
                if left is not None and _says_more(left):
                    found.append(left)
                elif left is not None:
                    left.remove()
            _remove_folder(folder)
        found.sort(key=lambda left: left.copy.written, reverse=True)
        return _newest_of_equals(found), notes

    def _dead(self) -> list[Path]:
        try:
            folders = sorted(path for path in self._folder.iterdir() if path.is_dir())
        except OSError:
            return []
        return [path for path in folders if path.name[0].isdigit() and self._claim(path)]

    def _claim(self, folder: Path) -> bool:
        """Take a folder over if the program that it belongs to is dead; it is held from then on."""
        if folder == self._own:
            return False
        try:
            handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError:
            return False
        try:
            free = posix.try_lock(handle)
        except OSError:  # some network drives know no locks
            free = not _lives(folder.name.partition("-")[0])
        if free:
            self._locks.append(handle)
        else:
            os.close(handle)
        return free

    def _read(self, slot: Path, notes: list[str]) -> Recoverable | None:
        try:
            with slot.open("rb") as file:
                copy = Copy.from_bytes(file.read(_MOST))
            return Recoverable(copy, parse(copy.text.encode()).project, slot)
        except (OSError, ValueError, DiagnosticError, MemoryError):
            notes.append(self._put_aside(slot))
            return None

    def _put_aside(self, slot: Path) -> str:
        aside = self._folder / _BROKEN / f"{slot.parent.name}-{slot.name}"
        try:
            aside.parent.mkdir(exist_ok=True)
            os.replace(slot, aside)
        except OSError:
            return f"A recovery copy can't be read: {printable_path(slot)}"
        return f"A recovery copy is damaged. It was put aside as {printable_path(aside)}"

    def _own_folder(self) -> Path:
        """Return this program's folder; it gets its name once it is locked."""
        if self._own is not None:
            return self._own
        name = f"{os.getpid()}-{secrets.token_hex(4)}"
        new = self._folder / f".{name}"
        make_folder(new)
        handle = -1
        try:
            handle = os.open(new / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            with suppress(OSError):
                posix.try_lock(handle)
            os.rename(new, self._folder / name)
        except OSError as error:
            if handle >= 0:
                posix.unlock(handle)
            _remove_folder(new)
            raise file_error(error, new, "written") from error
        self._locks.append(handle)
        self._own = self._folder / name
        return self._own


def _says_more(left: Recoverable) -> bool:
    """Return whether a copy differs from the file that it belongs to."""
    path = left.copy.path
    if path is None:
        return left.project != Project()
    stamp = Stamp.of(path)
    return stamp is None or stamp.sha != sha_of(dumps(left.project).encode())


def _newest_of_equals(found: list[Recoverable]) -> list[Recoverable]:
    """Return each document once, if a crash came between a copy and its successor."""
    kept: dict[tuple[Path | None, str, str], Recoverable] = {}
    for left in found:
        key = (left.copy.path, left.copy.title, left.copy.text)
        if key in kept:
            left.remove()
        else:
            kept[key] = left
    return list(kept.values())


def _remove_folder(folder: Path) -> None:
    """Remove a program's folder if no slot is left in it."""
    with suppress(OSError):
        if not any(folder.glob(f"*{ENDING}*")):
            for rest in (*folder.glob("*.tmp-*"), folder / _LOCK):
                rest.unlink(missing_ok=True)
            folder.rmdir()


def _lives(pid: str) -> bool:
    """Return whether a program runs; what is no number of one does not."""
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except OSError:
        return True
    return True

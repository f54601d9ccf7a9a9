"""Recovery copies on disk. Each process has a folder with a file (slot) per unsaved document.

A process locks its folder while it runs. An unlocked folder is from a crashed process.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from app.files.disk.file_stamp import FileStamp, sha256_hex
from app.files.recovery.recovery_copy import RecoveryCopy
from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import file_error, make_folder, printable_path, write_bytes
from engine.graph.model import Project
from engine.graph.serialization.file import dumps, parse, read
from engine.runs.log import posix

RECOVERY_EXTENSION = ".recovery.json"
_LOCK = ".lock"
_DAMAGED_FOLDER = "broken"
_MAX_BYTES = 80 * 1024 * 1024  # a graph file of 32 MiB, escaped as a JSON string


def recovery_folder() -> Path:
    """Return the folder of the recovery copies of this user."""
    location = QStandardPaths.StandardLocation.AppLocalDataLocation
    return Path(QStandardPaths.writableLocation(location)) / "recovery"


@dataclass(frozen=True)
class RecoverableDocument:
    """A recovery copy left by a crashed process, with its parsed project."""

    copy: RecoveryCopy
    project: Project
    slot: Path

    def base_state(self) -> tuple[FileStamp | None, Project]:
        """Return the state before the unsaved changes: stamp and project of the document's file.

        If the file has changed since the recovery copy was made, return the stamp of the older
        content, so that the change is detected. Without a file, return None and an empty project.
        """
        path = self.copy.path
        if path is None:
            return None, Project()
        stamp = FileStamp.read(path)
        expected = FileStamp((0, 0, 0), self.copy.saved)
        try:
            project = read(path).project
        except (DiagnosticError, MemoryError):
            return expected, Project()
        return (stamp if stamp and stamp.sha == self.copy.saved else expected), project

    def remove(self) -> None:
        """Remove the recovery copy from disk, and its folder if no other copy is in it."""
        with suppress(OSError):
            self.slot.unlink()
        _remove_folder(self.slot.parent)


class RecoverySlots:
    """Writes recovery copies to numbered files (slots), and finds copies of crashed processes.

    Args:
        folder: the parent of the folders of all processes. It is created when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process_folder: Path | None = None
        self._locks: list[int] = []

    def write(self, number: int, copy: RecoveryCopy) -> None:
        """Write a copy to slot `number` atomically, and read the file back to verify it.

        Raises:
            DiagnosticError: the copy could not be written or verified.
        """
        path = self._create_process_folder() / f"{number}{RECOVERY_EXTENSION}"
        data = copy.to_bytes()
        write_bytes(path, data)
        try:
            is_verified = path.read_bytes() == data
        except OSError as error:
            raise file_error(error, path, "read") from error
        if not is_verified:
            raise file_error(OSError(5, "the disk returned different data"), path, "written")

    def remove(self, number: int) -> None:
        """Clear slot `number`, which may be empty."""
        if self._process_folder is not None:
            with suppress(OSError):
                (self._process_folder / f"{number}{RECOVERY_EXTENSION}").unlink()

    def close(self) -> None:
        """Release all folder locks. Remove the folder of this process if it has no copies left."""
        if self._process_folder is not None:
            _remove_folder(self._process_folder)
        for handle in self._locks:
            posix.unlock(handle)
        self._locks.clear()
        self._process_folder = None

    def recoverable_documents(self) -> tuple[list[RecoverableDocument], list[str]]:
        """Return the recovery copies of crashed processes, and a message per unreadable copy.

        If a copy equals the file of its document, the copy is removed. An unreadable copy is moved
        to another folder.
        """
        found: list[RecoverableDocument] = []
        notes: list[str] = []
        for folder in self._claim_crashed():
            for slot in sorted(folder.glob(f"*{RECOVERY_EXTENSION}")):
                copy = self._read(slot, notes)
                if copy is not None and _differs_from_file(copy):
                    found.append(copy)
                elif copy is not None:
                    copy.remove()
            _remove_folder(folder)
        found.sort(key=lambda item: item.copy.written, reverse=True)
        return _without_duplicates(found), notes

    def _claim_crashed(self) -> list[Path]:
        try:
            folders = sorted(path for path in self._folder.iterdir() if path.is_dir())
        except OSError:
            return []
        return [path for path in folders if path.name[0].isdigit() and self._claim(path)]

    def _claim(self, folder: Path) -> bool:
        """Try to lock the folder of a process that has ended. Return whether this succeeded."""
        if folder == self._process_folder:
            return False
        try:
            handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError:
            return False
        try:
            is_free = posix.try_lock(handle)
        except OSError:  # some network drives do not support locks
            is_free = not _is_running(folder.name.partition("-")[0])
        if is_free:
            self._locks.append(handle)
        else:
            os.close(handle)
        return is_free

    def _read(self, slot: Path, notes: list[str]) -> RecoverableDocument | None:
        try:
            with slot.open("rb") as file:
                copy = RecoveryCopy.from_bytes(file.read(_MAX_BYTES))
            return RecoverableDocument(copy, parse(copy.text.encode()).project, slot)
        except (OSError, ValueError, DiagnosticError, MemoryError):
            notes.append(self._move_aside(slot))
            return None

    def _move_aside(self, slot: Path) -> str:
        aside = self._folder / _DAMAGED_FOLDER / f"{slot.parent.name}-{slot.name}"
        try:
            aside.parent.mkdir(exist_ok=True)
            os.replace(slot, aside)
        except OSError:
            return f"A recovery copy can't be read: {printable_path(slot)}"
        return f"A recovery copy is damaged. It was moved to {printable_path(aside)}"

    def _create_process_folder(self) -> Path:
        """Return the folder of this process. The first call creates the folder.

        Until the folder is locked, it has a hidden name, so that no other process sees an unlocked
        folder.
        """
        if self._process_folder is not None:
            return self._process_folder
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
        self._process_folder = self._folder / name
        return self._process_folder


def _differs_from_file(item: RecoverableDocument) -> bool:
    path = item.copy.path
    if path is None:
        return item.project != Project()
    stamp = FileStamp.read(path)
    return stamp is None or stamp.sha != sha256_hex(dumps(item.project).encode())


def _without_duplicates(found: list[RecoverableDocument]) -> list[RecoverableDocument]:
    """Return the copies, but only the newest of equal copies. Remove the older ones from disk."""
    kept: dict[tuple[Path | None, str, str], RecoverableDocument] = {}
    for item in found:
        key = (item.copy.path, item.copy.title, item.copy.text)
        if key in kept:
            item.remove()
        else:
            kept[key] = item
    return list(kept.values())


def _remove_folder(folder: Path) -> None:
    """Remove the recovery folder of a process if the folder contains no recovery copy."""
    with suppress(OSError):
        if not any(folder.glob(f"*{RECOVERY_EXTENSION}*")):
            for path in (*folder.glob("*.tmp-*"), folder / _LOCK):
                path.unlink(missing_ok=True)
            folder.rmdir()


def _is_running(pid: str) -> bool:
    """Return whether a process is running. An invalid process id gives False."""
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except OSError:
        return True
    return True

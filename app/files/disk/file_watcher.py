"""Watches the files of open sessions for changes by other programs."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from weakref import WeakKeyDictionary

from PySide6.QtCore import QCoreApplication, QFileSystemWatcher, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.files.disk.file_stamp import FileStamp, is_read_only
from engine.core.diagnostic import Diagnostic

_DEBOUNCE_MS = 100  # from the last change in a folder to the check of its files


@dataclass(frozen=True)
class FileState:
    """The state of the file of a session.

    Args:
        stamp: metadata and hash of the file when it was last read or written; None without a file.
        disk_status: whether the file still has the content with this hash, was changed, or is gone.
        is_read_only: whether the file is write-protected.
        notes: diagnostics from loading the file, about unknown entries or another file version.
        is_verified: whether reading the file after the last save returned the saved content.
        is_dismissed: whether the user has closed the file bar that shows this state.
    """

    stamp: FileStamp | None = None
    disk_status: Literal["as-saved", "changed", "gone"] = "as-saved"
    is_read_only: bool = False
    notes: tuple[Diagnostic, ...] = ()
    is_verified: bool = True
    is_dismissed: bool = False


class FileWatcher(QObject):
    """Keeps a `FileState` for each session, and updates the state when the file changes on disk.

    Signals:
        changed: the session whose file state has changed. `state(session)` returns the new state.
    """

    changed = Signal(Session)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._states: WeakKeyDictionary[Session, FileState] = WeakKeyDictionary()
        self._watcher = QFileSystemWatcher(self)
        self._debounce = QTimer(self, singleShot=True, interval=_DEBOUNCE_MS)
        self._debounce.timeout.connect(self.check_all)
        self._watcher.fileChanged.connect(self._on_path_changed)
        self._watcher.directoryChanged.connect(self._on_path_changed)
        workspace.closed.connect(self._on_closed)
        if isinstance(application := QCoreApplication.instance(), QGuiApplication):
            application.applicationStateChanged.connect(self._on_application_state)

    def state(self, session: Session) -> FileState:
        """Return the state of the file of a session."""
        return self._states.get(session, FileState())

    def is_safe(self, session: Session) -> bool:
        """Return whether the file of a session exists and contains all changes of the document."""
        state = self.state(session)
        is_dirty = session.undo_history.is_dirty
        return not is_dirty and state.disk_status != "gone" and state.is_verified

    def set_state(self, session: Session, state: FileState) -> None:
        """Set the state of the file of a session."""
        if state != self.state(session):
            self._states[session] = state
            self._watch()
            self.changed.emit(session)

    def record_synced(
        self,
        session: Session,
        stamp: FileStamp | None,
        notes: tuple[Diagnostic, ...] = (),
        is_verified: bool = True,
    ) -> None:
        """Record that a session's document equals its file, which was just loaded or saved.

        `stamp`, `notes` and `is_verified` are the fields of the new `FileState`.
        """
        read_only = session.path is not None and is_read_only(session.path)
        state = FileState(stamp, is_read_only=read_only, notes=notes, is_verified=is_verified)
        self.set_state(session, state)

    def dismiss(self, session: Session) -> None:
        """Keep a session's file bar closed until the file is loaded, saved or changed on disk."""
        self.set_state(session, replace(self.state(session), is_dismissed=True))

    def ignore_disk_change(self, session: Session) -> None:
        """Accept the change of a file on disk, so that the next save replaces the file silently."""
        if session.path is not None:
            stamp = FileStamp.read(session.path)
            state = replace(self.state(session), stamp=stamp, disk_status="as-saved")
            self.set_state(session, state)

    def check_all(self) -> None:
        """Check the files of all sessions for changes by other programs."""
        for session in self._workspace.sessions:
            self.check(session)
        self._watch()

    def check(self, session: Session) -> FileState:
        """Check whether a session's file has changed since it was last loaded or saved.

        The new state of the file is stored and returned.
        """
        state = self.state(session)
        if session.path is None or state.stamp is None:
            return state
        stamp = FileStamp.read(session.path, state.stamp)
        read_only = is_read_only(session.path)
        if stamp is None:
            new = replace(state, disk_status="gone", is_read_only=False)
        elif stamp.sha == state.stamp.sha:
            new = replace(state, stamp=stamp, disk_status="as-saved", is_read_only=read_only)
        else:
            new = replace(state, disk_status="changed", is_read_only=read_only)
        if new.disk_status != state.disk_status:
            new = replace(new, is_dismissed=False)
        self.set_state(session, new)
        return new

    def _watch(self) -> None:
        """Watch each file and its folder, because replacing a file ends the watch of this file."""
        wanted: set[str] = set()
        for session in self._workspace.sessions:
            if session.path is not None and self.state(session).stamp is not None:
                wanted |= {os.fspath(session.path), os.fspath(session.path.parent)}
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if removed := sorted(watched - wanted):
            self._watcher.removePaths(removed)
        if added := sorted(path for path in wanted - watched if _can_be_watched(path)):
            self._watcher.addPaths(added)

    def _on_path_changed(self, _path: str) -> None:
        self._debounce.start()

    def _on_closed(self, session: Session) -> None:
        self._states.pop(session, None)
        self._watch()

    def _on_application_state(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self._debounce.start()


def _can_be_watched(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return Path(path).exists()

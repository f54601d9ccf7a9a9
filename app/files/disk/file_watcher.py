"""By session, how its file stands: read-only, changed by someone else, gone."""

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
from app.files.disk.file_stamp import Stamp, is_read_only
from engine.core.diagnostic import Diagnostic

_CALM = 100  # ms that a folder must be quiet before its files are looked at


@dataclass(frozen=True)
class FileState:
    """How the file of a session stands.

    Args:
        stamp: the file as it was read or written last; None without a file.
        standing: whether the disk still holds that.
        read_only: it can't be saved where it is.
        notes: what an older or newer version wrote into it.
        verified: what was saved last was read back and found whole.
        heeded: the person closed the bar that says what is the matter.
    """

    stamp: Stamp | None = None
    standing: Literal["as-saved", "changed", "gone"] = "as-saved"
    read_only: bool = False
    notes: tuple[Diagnostic, ...] = ()
    verified: bool = True
    heeded: bool = False


class Ledger(QObject):
    """Keeps a `FileState` for each session, and looks at the disk when it may have changed.

    Signals:
        changed: the state of a session's file is another one; read `of(session)`.
    """

    changed = Signal(object)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._states: WeakKeyDictionary[Session, FileState] = WeakKeyDictionary()
        self._watcher = QFileSystemWatcher(self)
        self._calm = QTimer(self, singleShot=True, interval=_CALM)
        self._calm.timeout.connect(self.look)
        self._watcher.fileChanged.connect(self._on_touched)
        self._watcher.directoryChanged.connect(self._on_touched)
        workspace.closed.connect(self._on_closed)
        if isinstance(application := QCoreApplication.instance(), QGuiApplication):
            application.applicationStateChanged.connect(self._on_application_state)

    def of(self, session: Session) -> FileState:
        """Return how a session's file stands."""
        return self._states.get(session, FileState())

    def is_safe(self, session: Session) -> bool:
        """Return whether the disk holds all of a session, so that nothing is lost with it."""
        state = self.of(session)
        return not session.document.is_dirty and state.standing != "gone" and state.verified

    def put(self, session: Session, state: FileState) -> None:
        """Take note of how a session's file stands."""
        if state != self.of(session):
            self._states[session] = state
            self._watch()
            self.changed.emit(session)

    def took(
        self,
        session: Session,
        stamp: Stamp | None,
        notes: tuple[Diagnostic, ...] = (),
        verified: bool = True,
    ) -> None:
        """Take note that a session is now what its file held, or holds, at `stamp`."""
        lock = session.path is not None and is_read_only(session.path)
        self.put(session, FileState(stamp, read_only=lock, notes=notes, verified=verified))

    def heed(self, session: Session) -> None:
        """Take note that the person has read what is the matter."""
        self.put(session, replace(self.of(session), heeded=True))

    def keep_mine(self, session: Session) -> None:
        """Take the file as it is now as known: saving replaces it without asking again."""
        if session.path is not None:
            stamp = Stamp.of(session.path)
            self.put(session, replace(self.of(session), stamp=stamp, standing="as-saved"))

    def look(self) -> None:
        """Look at the files of all sessions."""
        for session in self._workspace.sessions:
            self.look_at(session)
        self._watch()

    def look_at(self, session: Session) -> FileState:
        """Look at a session's file, and answer how it stands."""
        state = self.of(session)
        if session.path is None or state.stamp is None:
            return state
        found = Stamp.of(session.path, state.stamp)
        lock = is_read_only(session.path)
        if found is None:
            new = replace(state, standing="gone", read_only=False)
        elif found.sha == state.stamp.sha:
            new = replace(state, stamp=found, standing="as-saved", read_only=lock)
        else:
            new = replace(state, standing="changed", read_only=lock)
        if new.standing != state.standing:
            new = replace(new, heeded=False)
        self.put(session, new)
        return new

    def _watch(self) -> None:
        """Watch the files and their folders: a file put in another's place ends its own watch."""
        wanted: set[str] = set()
        for session in self._workspace.sessions:
            if session.path is not None and self.of(session).stamp is not None:
                wanted |= {os.fspath(session.path), os.fspath(session.path.parent)}
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if gone := sorted(watched - wanted):
            self._watcher.removePaths(gone)
        if new := sorted(path for path in wanted - watched if _can_be_watched(path)):
            self._watcher.addPaths(new)

    def _on_touched(self, _path: str) -> None:
        self._calm.start()

    def _on_closed(self, session: object) -> None:
        assert isinstance(session, Session)
        self._states.pop(session, None)
        self._watch()

    def _on_application_state(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self._calm.start()


def _can_be_watched(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return Path(path).exists()

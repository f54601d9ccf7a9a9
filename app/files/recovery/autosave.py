"""Keeps a recovery copy of every document that the disk does not hold, a second behind at most."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.files.disk.file_watcher import Ledger
from app.files.recovery.recovery import Recoverable, Slots
from app.files.recovery.recovery_copy import copy_of
from engine.core.diagnostic import DiagnosticError
from engine.core.exceptions import diagnostic_from_exception
from engine.graph.model import Project

_SOON = 0.05  # seconds; the first edit after a pause is kept almost at once


@dataclass
class _Kept:
    """What the slot of a session holds."""

    number: int
    project: Project | None = None
    runs: tuple[Path, ...] = ()
    written: float = 0.0


class Autosave(QObject):
    """Writes copies, at most one a second for each document.

    Why: on the window's own thread, since Python may collect garbage on any thread that allocates,
    and Qt's objects must not die on another than theirs. A copy of 1,000 nodes takes under 10 ms.

    Signals:
        failed: a Diagnostic; said once, then again only after a copy could be written.
    """

    failed = Signal(object)

    def __init__(
        self, workspace: Workspace, ledger: Ledger, slots: Slots, seconds: float = 1.0
    ) -> None:
        super().__init__(workspace)
        self._workspace, self._ledger, self._slots = workspace, ledger, slots
        self.seconds = seconds
        self._kept: WeakKeyDictionary[Session, _Kept] = WeakKeyDictionary()
        self._count = 0
        self._well = True
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.write)
        for session in workspace.sessions:
            self._follow(session)
        workspace.opened.connect(self._follow)
        ledger.changed.connect(self._on_changed)

    def write(self) -> None:
        """Write a copy of each document that has changed since its last one."""
        self._timer.stop()
        for session in self._workspace.sessions:
            if self._ledger.is_safe(session):
                self.forget(session)
            else:
                self._keep(session)

    def adopt(self, session: Session, left: Recoverable) -> None:
        """Write a copy of a recovered document, then remove the one that it came from."""
        if self._keep(session):
            left.remove()

    def forget(self, session: Session) -> None:
        """Empty a session's slot, as when it is closed or saved."""
        kept = self._kept.pop(session, None)
        if kept is not None:
            self._slots.remove(kept.number)

    def finish(self) -> None:
        """Empty all slots of this program, which ends well."""
        self._timer.stop()
        for session in list(self._kept):
            self.forget(session)
        self._slots.close()

    def _follow(self, session: object) -> None:
        assert isinstance(session, Session)
        session.file_changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        if self._timer.isActive():
            return
        last = max((kept.written for kept in self._kept.values()), default=0.0)
        wait = min(max(self.seconds - (time.monotonic() - last), _SOON), self.seconds)
        self._timer.start(int(wait * 1000))

    def _keep(self, session: Session) -> bool:
        """Bring a session's slot up to date; answer whether it is."""
        kept = self._kept.get(session)
        if kept is None:
            self._count += 1
            kept = self._kept[session] = _Kept(self._count)
        if kept.project is session.project and kept.runs == session.external_runs:
            return True
        stamp = self._ledger.of(session).stamp
        saved = stamp.sha if stamp else ""
        try:
            runs = session.external_runs
            copy = copy_of(session.title, session.path, saved, session.project, runs)
            self._slots.write(kept.number, copy)
        except (DiagnosticError, MemoryError, RecursionError) as error:
            self._say_failed(error)
            return False
        kept.project, kept.runs, kept.written = session.project, runs, time.monotonic()
        self._well = True
        return True

    def _say_failed(self, error: BaseException) -> None:
        self._timer.start(int(self.seconds * 1000))
        if self._well:
            self._well = False
            self.failed.emit(diagnostic_from_exception(error))

"""Autosave: writes recovery copies of unsaved documents, by default at most once per second."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, QTimer

from app.documents.session import Session, SplitPaths
from app.documents.workspace import Workspace
from app.files.disk.file_watcher import FileWatcher
from app.files.recovery.recovery import RecoverableDocument, RecoverySlots
from app.files.recovery.recovery_copy import create_recovery_copy
from app.text.phrases import with_period
from engine.core.diagnostic import DiagnosticError
from engine.core.exceptions import diagnostic_from_exception
from engine.graph.model import Project

_MIN_DELAY_SECONDS = 0.05  # from an edit to its copy, if the last copy is old enough


@dataclass
class _Slot:
    """The recovery slot (a numbered file) of a session, and what was written to it last.

    `project` is None before the first copy. `sources` are its run folders elsewhere, its data, and
    its validation and test files.
    """

    number: int
    project: Project | None = None
    sources: tuple[tuple[Path, ...], Path | None, SplitPaths] | None = None
    written: float = 0.0


class Autosave(QObject):
    """Writes recovery copies of unsaved documents.

    Why the copies are written in the GUI thread: Python may collect garbage in any thread, but Qt
    objects must be deleted in the GUI thread. A copy of 1,000 nodes takes under 10 ms.
    Of failures in a row, only the first is reported in the status bar.
    """

    def __init__(
        self, workspace: Workspace, watcher: FileWatcher, slots: RecoverySlots, seconds: float = 1.0
    ) -> None:
        super().__init__(workspace)
        self._workspace, self._file_watcher, self._slots = workspace, watcher, slots
        self.seconds = seconds
        self._slots_by_session: WeakKeyDictionary[Session, _Slot] = WeakKeyDictionary()
        self._slot_count = 0
        self._is_healthy = True
        self._timer = QTimer(self, singleShot=True, timeout=self.write)
        for session in workspace.sessions:
            self._connect_session(session)
        workspace.opened.connect(self._connect_session)
        watcher.changed.connect(self._on_changed)

    def write(self) -> None:
        """Write a copy of each unsaved document that has changed since its last copy."""
        self._timer.stop()
        for session in self._workspace.sessions:
            if self._file_watcher.is_safe(session):
                self.forget(session)
            else:
                self._write_copy(session)

    def adopt(self, session: Session, recovered: RecoverableDocument) -> None:
        """Write a new copy of a recovered document, then remove the copy of the crashed process."""
        if self._write_copy(session):
            recovered.remove()

    def forget(self, session: Session) -> None:
        """Remove the recovery copy of a session that was closed or saved."""
        slot = self._slots_by_session.pop(session, None)
        if slot is not None:
            self._slots.remove(slot.number)

    def finish(self) -> None:
        """Remove all recovery copies of this process, because the app exits normally."""
        self._timer.stop()
        for session in list(self._slots_by_session):
            self.forget(session)
        self._slots.close()

    def _connect_session(self, session: Session) -> None:
        session.file_changed.connect(self._on_changed)
        session.data_changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        if self._timer.isActive():
            return
        last_written = max((slot.written for slot in self._slots_by_session.values()), default=0.0)
        elapsed = time.monotonic() - last_written
        delay = min(max(self.seconds - elapsed, _MIN_DELAY_SECONDS), self.seconds)
        self._timer.start(int(delay * 1000))

    def _write_copy(self, session: Session) -> bool:
        """Write a copy if the document has changed since the last copy. Return False on failure."""
        slot = self._slots_by_session.get(session)
        if slot is None:
            self._slot_count += 1
            slot = self._slots_by_session[session] = _Slot(self._slot_count)
        project = session.project  # compared by identity, since 1 == 1.0 == True
        sources = (session.external_runs, session.data_path, session.split_paths)
        if slot.project is project and slot.sources == sources:
            return True
        stamp = self._file_watcher.state(session).stamp
        saved = stamp.sha if stamp else ""
        try:
            copy = create_recovery_copy(session.title, session.path, saved, project, *sources)
            self._slots.write(slot.number, copy)
        except (DiagnosticError, MemoryError, RecursionError) as error:
            self._report_failure(error)
            return False
        slot.project, slot.sources, slot.written = project, sources, time.monotonic()
        self._is_healthy = True
        return True

    def _report_failure(self, error: BaseException) -> None:
        self._timer.start(int(self.seconds * 1000))
        if self._is_healthy:
            self._is_healthy = False
            reason = diagnostic_from_exception(error).message
            text = with_period(f"The recovery copy was not written: {reason}")
            self._workspace.message.emit(text)

"""Keeps a recovery copy of every document that the disk does not hold, a second behind at most."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, QTimer, Signal

from app.files.ledger import Ledger
from app.files.recovery import Recoverable, Slots, copy_of
from app.session import Session
from app.workspace import Workspace
from engine.core.faults import fault_of
from engine.graph.model import Project

_LANDING = 100  # ms between looks at writes under way
_SOON = 0.05  # seconds; the first edit after a pause is kept almost at once


@dataclass
class _Kept:
    """What the slot of a session holds, or will when its write is done."""

    number: int
    project: Project | None = None
    written: float = field(default=0.0)
    write: Future[None] | None = None


class Autosave(QObject):
    """Writes copies on a thread of its own, in order, so that the window never waits for a disk.

    Why: that thread runs plain Python only; Qt's objects stay on the window's.

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
        self._writer: ThreadPoolExecutor | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.write)
        self._landing = QTimer(self, interval=_LANDING)
        self._landing.timeout.connect(self._on_landing)
        for session in workspace.sessions:
            self._follow(session)
        workspace.opened.connect(self._follow)
        ledger.changed.connect(self._on_changed)

    def write(self) -> None:
        """Write a copy of each document that has changed since its last one."""
        for session in self._workspace.sessions:
            if self._ledger.is_safe(session):
                self.forget(session)
            else:
                self._keep(session)

    def adopt(self, session: Session, left: Recoverable) -> None:
        """Write a copy of a recovered document, then remove the one that it came from."""
        kept = self._keep(session)
        if kept.write is not None:
            kept.write.add_done_callback(lambda write: None if write.exception() else left.remove())

    def forget(self, session: Session) -> None:
        """Empty a session's slot, as when it is closed or saved."""
        kept = self._kept.pop(session, None)
        if kept is not None:
            self._thread().submit(self._slots.remove, kept.number)

    def settle(self) -> None:
        """Write at once what is to be written, and wait until the disk has it."""
        self._timer.stop()
        self.write()
        self._thread().submit(_nothing).result()

    def finish(self) -> None:
        """Empty all slots of this program, which ends well."""
        self._timer.stop()
        self._landing.stop()
        for session in list(self._kept):
            self.forget(session)
        if self._writer is not None:
            self._writer.shutdown(wait=True)
            self._writer = None
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

    def _keep(self, session: Session) -> _Kept:
        kept = self._kept.get(session)
        if kept is None:
            self._count += 1
            kept = self._kept[session] = _Kept(self._count)
        if kept.write is not None and not kept.write.done():
            self._timer.start(int(self.seconds * 1000))  # a slow disk is not asked twice
        elif kept.project is not session.project or _failed(kept):
            kept.project, kept.written = session.project, time.monotonic()
            stamp = self._ledger.of(session).stamp
            kept.write = self._thread().submit(
                self._write,
                kept.number,
                session.title,
                session.path,
                stamp.sha if stamp else "",
                session.project,
            )
            self._landing.start()
        return kept

    def _write(
        self, number: int, title: str, path: Path | None, saved: str, project: Project
    ) -> None:
        self._slots.write(number, copy_of(title, path, saved, project))

    def _thread(self) -> ThreadPoolExecutor:
        if self._writer is None:
            self._writer = ThreadPoolExecutor(1, "autosave")
        return self._writer

    def _on_landing(self) -> None:
        writes = [kept.write for kept in self._kept.values() if kept.write is not None]
        if not all(write.done() for write in writes):
            return
        self._landing.stop()
        error = next((error for write in writes if (error := write.exception())), None)
        if error is None:
            self._well = True
            return
        self._timer.start(int(self.seconds * 1000))
        if self._well:
            self._well = False
            self.failed.emit(fault_of(error))


def _failed(kept: _Kept) -> bool:
    return kept.write is not None and kept.write.exception() is not None


def _nothing() -> None:
    """Take a turn in the writer's line."""

"""Watches for runs of the current document that another process trains."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.training.process.run_finder import last_run, live_run

_POLL_INTERVAL = 3000  # milliseconds


class RunWatcher(QObject):
    """Checks the runs folder of the current document every few seconds and on document changes.

    Signals:
        run_found: a run is in training; sends the session and the run folder.
        last_run_changed: the last run of the current document may have changed.
    """

    run_found = Signal(Session, Path)
    last_run_changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._paused = False
        self._last_run: Path | None = None
        self._last_run_session: Session | None = None
        self._timer = QTimer(self, interval=_POLL_INTERVAL)
        self._timer.timeout.connect(self._on_tick)
        self._check_timer = QTimer(self, singleShot=True, interval=0)
        self._check_timer.timeout.connect(self.check)
        workspace.active_changed.connect(self._check_timer.start)
        workspace.file_changed.connect(self._on_file_changed)
        self._path = workspace.session.path
        self._timer.start()
        self._check_timer.start()

    @property
    def last_run(self) -> Path | None:
        """The last run of the current document, None if none was found yet."""
        return self._last_run if self._last_run_session is self._workspace.session else None

    def set_paused(self, paused: bool) -> None:
        """Pause the search for runs in training, or continue it if `paused` is false."""
        self._paused = paused
        if not paused:
            self._check_timer.start()

    def schedule_check(self) -> None:
        """Schedule a call of `check`, which runs when control returns to the event loop."""
        self._check_timer.start()

    def check(self) -> None:
        """Check the runs folder now; emit `last_run_changed` and `run_found` if they apply."""
        session = self._workspace.session
        last = last_run(session)
        if (last, session) != (self._last_run, self._last_run_session):
            self._last_run, self._last_run_session = last, session
            self.last_run_changed.emit()
        if self._paused:
            return
        run = live_run(session)
        if run is not None:
            self.run_found.emit(session, run)

    def _on_tick(self) -> None:
        if not self._paused:
            self.check()

    def _on_file_changed(self) -> None:
        path = self._workspace.session.path
        if path != self._path:
            self._path = path
            self._check_timer.start()

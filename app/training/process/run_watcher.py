"""Looks out for runs of the open documents that somebody else trains."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.training.process.run_finder import last_run, live_run

_EVERY = 3000  # milliseconds


class RunWatch(QObject):
    """Looks beside the document in front, when it comes there and now and then.

    Signals:
        found: a session, and a run of it that somebody trains.
        last_changed: the last run of the document in front may be another one.
    """

    found = Signal(Session, Path)
    last_changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._at_rest = False
        self._last: Path | None = None
        self._last_of: Session | None = None
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self._on_tick)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.look)
        workspace.switched.connect(self._soon.start)
        workspace.file_changed.connect(self._on_file_changed)
        self._path = workspace.session.path
        self._timer.start()
        self._soon.start()

    @property
    def last(self) -> Path | None:
        """The last run of the document in front, None if it has none that was found yet."""
        return self._last if self._last_of is self._workspace.session else None

    def rest(self, on: bool) -> None:
        """Look no more, since a run is followed; or look again."""
        self._at_rest = on
        if not on:
            self._soon.start()

    def look_soon(self) -> None:
        """Look once all has settled."""
        self._soon.start()

    def look(self) -> None:
        """Look now."""
        session = self._workspace.session
        last = last_run(session)
        if (last, session) != (self._last, self._last_of):
            self._last, self._last_of = last, session
            self.last_changed.emit()
        if self._at_rest:
            return
        run = live_run(session)
        if run is not None:
            self.found.emit(session, run)

    def _on_tick(self) -> None:
        if not self._at_rest:
            self.look()

    def _on_file_changed(self) -> None:
        """Look where the document lies now; most changes are others."""
        path = self._workspace.session.path
        if path != self._path:
            self._path = path
            self._soon.start()

"""Finds runs of a document: the run in training, and the last run. Watches for new ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.training.process.run_files import graph_file_of
from engine.core.diagnostic import DiagnosticError
from engine.graph.serialization.file import project_name
from engine.runs.folder.run_json import RUN_FILE, read_run_json
from engine.runs.log import event_log
from engine.runs.log.lock import LOCK_FILE, lock_holder

_POLL_INTERVAL = 3000  # milliseconds
_MAX_FOLDERS = 400  # in a larger folder, only the last runs in name order are searched


def runs_folder(session: Session) -> Path:
    """Return the folder that holds the runs of a document."""
    return graph_file_of(session).parent / "runs"


def live_run(session: Session) -> Path | None:
    """Return the newest of a document's runs in training, None if there is none.

    A run is locked while it is in training.
    """
    locked = [run for run in _runs_with_file(session, LOCK_FILE) if lock_holder(run) is not None]
    return _newest(locked, session)


def last_run(session: Session) -> Path | None:
    """Return the newest run of a document, None if there is none."""
    return _newest(list(_runs_with_file(session, RUN_FILE)), session)


def _runs_with_file(session: Session, file: str) -> Iterator[Path]:
    """Yield the run folders of a document that contain the file `file`.

    The folders in `Session.external_runs` come first. If the document is saved, folders in its
    runs folder follow. These may include runs of other documents that have the same runs folder.

    Why: all unsaved documents share one runs folder, so the runs folder of an unsaved document is
    not searched.
    """
    yield from (run for run in session.external_runs if (run / file).exists())
    if session.path is None:
        return
    with suppress(OSError):  # skip hidden folders, which are not runs
        paths = (entry.path for entry in os.scandir(runs_folder(session)) if entry.name[0] != ".")
        for path in sorted(paths)[-_MAX_FOLDERS:]:
            if os.path.exists(os.path.join(path, file)):
                yield Path(path)


def _belongs_to(run: Path, session: Session) -> bool:
    if run in session.external_runs:
        return True
    with suppress(DiagnosticError):
        return bool(read_run_json(run).get("name") == project_name(graph_file_of(session)))
    return False


def _newest(runs: list[Path], session: Session) -> Path | None:
    """Return the newest of `runs` that belongs to the document, None if no run does."""
    ordered = sorted(runs, key=lambda run: (_last_activity(run), run.name), reverse=True)
    return next((run for run in ordered if _belongs_to(run, session)), None)


def _last_activity(run: Path) -> float:
    for file in (event_log.EVENTS_FILE, RUN_FILE):
        with suppress(OSError):
            return (run / file).stat().st_mtime
    return 0.0


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
        self._timer = QTimer(self, interval=_POLL_INTERVAL, timeout=self._on_tick)
        self._check_timer = QTimer(self, singleShot=True, interval=0, timeout=self.check)
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

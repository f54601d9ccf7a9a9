"""Check of the data against the network before training, in an `engine check` process."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.session import Session
from app.processes.graph_command import GraphCommand
from app.processes.output_parser import parse_diagnostics, parse_output
from app.training.process.run_files import graph_file_of
from engine.core.formatting.urls import absolute_text
from engine.graph.model import Project

_RECHECK_DELAY = 600  # milliseconds after an edit


class DataCheck(QObject):
    """A background check of one document and its data; a new check cancels the previous one.

    Why a process: reading many rows would block the window even in a thread.

    Signals:
        finished: a check has ended; sends the session and the diagnostics about the data.
        failed: a check gave no result, such as a process that was killed; sends the session.
    """

    finished = Signal(Session, list)
    failed = Signal(Session)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._checked: tuple[Session, Path] | None = None
        self._checked_project: Project | None = None
        self._has_errors = False
        self._recheck_timer = QTimer(self, singleShot=True, interval=_RECHECK_DELAY)
        self._recheck_timer.timeout.connect(self._on_recheck_timeout)
        self._command = GraphCommand(self)
        self._command.finished.connect(self._on_finished)

    @property
    def running(self) -> bool:
        """Whether a check is running."""
        return self._command.is_running

    def run(self, session: Session, data: Path) -> None:
        """Start a check of the document and `data`, but only if its graph has no errors."""
        self._stop()
        self._checked, self._has_errors = (session, data), True
        errors = session.current_report().errors
        self._checked_project = session.project
        if errors:
            return
        name, options = graph_file_of(session).name, ["--data", absolute_text(data)]
        self._command.run(session.project, name, lambda graph: ["check", str(graph), *options])

    def recheck_if_edited(self, session: Session) -> None:
        """After a delay, repeat the check if it found errors and the document was edited since."""
        if self._checked is None or self._checked[0] is not session or not self._has_errors:
            return
        if session.project is not self._checked_project:
            self._recheck_timer.start()

    def reset(self) -> bool:
        """Cancel the check or drop its result; return False if there was no check."""
        self._stop()
        had_check = self._checked is not None
        self._checked, self._has_errors = None, False
        return had_check

    def _stop(self) -> None:
        self._recheck_timer.stop()
        self._command.cancel()

    def _on_recheck_timeout(self) -> None:
        if self._checked is not None:
            self.run(*self._checked)

    def _on_finished(self, _code: int, stdout: bytes) -> None:
        assert self._checked is not None
        session = self._checked[0]
        if not parse_output(stdout):
            self.failed.emit(session)
            return
        known = session.report.diagnostics  # not a set: fixes may contain unhashable values
        diagnostics = [found for found in parse_diagnostics(stdout) if found not in known]
        self._has_errors = any(found.is_error for found in diagnostics)
        self.finished.emit(session, diagnostics)

"""Whether data fits a document, found out before a training: `engine check` in its own process."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.session import Session
from app.processes.answer_parser import diagnostics_in
from app.processes.command import NOT_STARTED
from app.processes.graph_command import GraphCommand
from app.training.process.run_follower.run_workspace import file_of
from engine.graph.model import Project

_SETTLE = 600  # milliseconds after an edit before data that did not fit is checked again


class DataCheck(QObject):
    """Checks one document with its data at a time; a new check takes the place of the old.

    Why: reading many rows would make the window stutter even in a thread of its own.

    Signals:
        answered: session, and every finding about the data.
    """

    answered = Signal(Session, list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._subject: tuple[Session, Path] | None = None
        self._checked: Project | None = None
        self._due = False
        self._settle_timer = QTimer(self, singleShot=True, interval=_SETTLE)
        self._settle_timer.timeout.connect(self._on_settled)
        self._command = GraphCommand(self)
        self._command.answered.connect(self._on_answered)

    @property
    def running(self) -> bool:
        """True until it has answered."""
        return self._command.running

    def run(self, session: Session, data: Path) -> None:
        """Check data; a graph with errors is not checked, they come first."""
        self._stop()
        self._subject, self._due = (session, data), True
        errors = session.settle_report().errors
        self._checked = session.project
        if errors:
            return
        self._command.run(
            session.project,
            file_of(session).name,
            lambda graph: ["check", str(graph), "--data", str(data.absolute())],
        )

    def follow(self, session: Session) -> None:
        """Check data that has not fitted yet again, if its document is another than before."""
        mine = self._subject is not None and self._subject[0] is session
        if mine and self._due and session.project is not self._checked:
            self._settle_timer.start()

    def forget(self) -> bool:
        """Leave it; answer whether there was anything to leave."""
        self._stop()
        known, self._subject, self._due = self._subject is not None, None, False
        return known

    def _stop(self) -> None:
        self._settle_timer.stop()
        self._command.cancel()

    def _on_settled(self) -> None:
        if self._subject is not None:
            self.run(*self._subject)

    def _on_answered(self, code: int, answer: bytes) -> None:
        assert self._subject is not None
        if code == NOT_STARTED:
            return  # nothing is known, which is no finding
        session = self._subject[0]
        known = session.report.diagnostics  # no set: a fix may hold what can't be hashed
        found = [diagnostic for diagnostic in diagnostics_in(answer) if diagnostic not in known]
        self._due = any(diagnostic.is_error for diagnostic in found)
        self.answered.emit(session, found)

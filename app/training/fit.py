"""Whether data fits a document, found out before a training: `engine check` in its own process."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.session import Session
from app.training.command import Command
from app.training.outcome import diagnostics_in
from app.training.place import file_of
from engine.core.diagnostic import Refused
from engine.graph import file
from engine.graph.model import Project


class DataCheck(QObject):
    """Checks one document with its data at a time; a new check takes the place of the old.

    Why: reading many rows would make the window stutter even in a thread of its own.

    Signals:
        answered: session, and every finding about the data.
    """

    answered = Signal(Session, list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._checked: Project | None = None
        self._tidy: Callable[[], object] = _nothing_to_tidy
        self._command = Command(self)
        self._command.answered.connect(self._on_answered)

    @property
    def running(self) -> bool:
        """True until it has answered."""
        return self._command.running

    @property
    def checked(self) -> Project | None:
        """The project that was checked last."""
        return self._checked

    def run(self, session: Session, data: Path) -> None:
        """Check data; a graph with errors is not checked, they come first."""
        self.cancel()
        if session.settle_report().errors:
            return
        self._session, self._checked = session, session.project
        with suppress(OSError, Refused):
            folder = Path(tempfile.mkdtemp(prefix="layerloom-"))
            self._tidy = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            graph = folder / file_of(session).name
            file.write(graph, session.project)
            self._command.run(["check", str(graph), "--data", str(data.absolute())])

    def cancel(self) -> None:
        """Leave it."""
        self._command.cancel()
        self._tidy()

    def _on_answered(self, _code: int, answer: bytes) -> None:
        self._tidy()
        assert self._session is not None
        known = self._session.report.diagnostics  # a tuple: fixes hold edits, which have no hash
        found = [diagnostic for diagnostic in diagnostics_in(answer) if diagnostic not in known]
        self.answered.emit(self._session, found)


def _nothing_to_tidy() -> None:
    """Stand in until there is a folder."""

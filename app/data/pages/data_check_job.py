"""What the engine finds out about the data for the document in front, worked out as it is needed.

`engine data --graph` runs in a process of its own: encoders are fitted on all training rows and
every row is audited, which would make the window stutter even in a thread.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.documents.session import Session, SplitPaths
from app.documents.table_contents import DataStamp, data_stamp
from app.documents.workspace import Workspace
from app.processes.answer_parser import parse_diagnostics, parse_output
from app.processes.cli_options import split_options
from app.processes.graph_command import GraphCommand
from engine.core.diagnostic import Diagnostic
from engine.data.preview.preview_schema import DataPreview

_SETTLE = 500  # milliseconds after an edit
_FIELDS = frozenset(DataPreview.model_fields)

# The document but for its view, and the data with what its file was like.
Subject = tuple[Session, tuple[object, ...], Path, SplitPaths, DataStamp]


class Examination(QObject):
    """Asks anew whenever document or data are others and somebody looks.

    Signals:
        changed: something else is known, or it is being found out.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._watchers: list[QWidget] = []
        self._asked: Subject | None = None
        self.received: DataPreview | None = None
        self.found: tuple[Diagnostic, ...] = ()
        self.failed = False
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE)
        self._settling.timeout.connect(self._ask)
        self._command = GraphCommand(self)
        self._command.finished.connect(self._on_answered)
        for signal in (
            workspace.active_changed, workspace.project_changed, workspace.data_changed,
            workspace.contents_changed,
        ):  # fmt: skip
            signal.connect(self.look)

    @property
    def running(self) -> bool:
        """True while what is known is not yet that of the document as it is."""
        return self._command.is_running or self._settling.isActive()

    @property
    def errors(self) -> int:
        """How many errors are known, those of the document as it was last looked at."""
        return sum(found.is_error for found in self.found)

    def watch(self, widget: QWidget) -> None:
        """Work for a widget: whenever that is seen, what is known is kept up to date."""
        self._watchers.append(widget)

    def begin(self) -> None:
        """Ask though nobody looks, unless that was done; errors that are found are followed."""
        if self._subject() not in (None, self._asked) and not self._command.is_running:
            self._ask()

    def look(self) -> None:
        """Ask again if somebody looks, and what is known is of another document or data."""
        subject = self._subject()
        if subject is None or (self._asked is not None and subject[0] is not self._asked[0]):
            self._forget()
        # Known errors are told all over the window, so they are followed until they are mended.
        seen = self.errors or any(widget.isVisible() for widget in self._watchers)
        if subject is None or not seen:
            self._settling.stop()
            return
        if subject != self._asked:
            if self.received is None and not self._command.is_running:
                self._ask()
            else:
                self._settling.start()
                self.changed.emit()

    def _subject(self) -> Subject | None:
        session = self._workspace.session
        if session.data is None or not len(session.graph):
            return None
        project = session.project
        seen = (project.graph, project.recipe, project.data)
        return session, seen, session.data, session.split_paths, data_stamp(session.data)

    def _forget(self) -> None:
        self._command.cancel()
        self._settling.stop()
        self._asked, self.received, self.found, self.failed = None, None, (), False
        self.changed.emit()

    def _ask(self) -> None:
        subject = self._subject()
        if subject is None:
            return
        self._asked = subject
        session, _, data, apart, _ = subject

        def words(graph: Path) -> list[str]:
            place = str(data.absolute())
            return ["data", place, "--graph", str(graph), *split_options(apart)]

        name = f"{session.title.replace('/', '-')}.loom.json"
        self._command.run(session.project, name, words)
        self.changed.emit()

    def _on_answered(self, _code: int, answer: bytes) -> None:
        plain = parse_output(answer)
        self.failed = not plain
        self.found = tuple(parse_diagnostics(answer))
        try:
            known = {key: plain[key] for key in _FIELDS if key in plain}
            self.received = DataPreview.model_validate(known)
        except ValidationError:
            self.received, self.failed = DataPreview(), True
        self.changed.emit()

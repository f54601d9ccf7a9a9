"""The data check of the active document, run on demand in an engine process.

`engine data --graph` fits encoders on all training rows and checks every row. The command runs in
a separate process, because a thread of the window would block the GUI (interpreter lock).
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.documents.session import Session, SplitPaths
from app.documents.table_contents import DataStamp, data_stamp
from app.documents.workspace import Workspace
from app.processes.graph_command import GraphCommand, split_options
from app.processes.output_parser import parse_diagnostics, parse_output
from engine.core.diagnostic import Diagnostic
from engine.core.formatting.urls import absolute_text
from engine.data.preview.preview_schema import DataPreview

_DEBOUNCE_MS = 500  # from the last edit to the check
_FIELDS = frozenset(DataPreview.model_fields)

# What a check depends on: session, project without its layout, path of the data, split files, and
# the names, sizes and times of the data files.
CheckSubject = tuple[Session, tuple[object, ...], Path, SplitPaths, DataStamp]


class DataCheckJob(QObject):
    """Runs the data check again when document or data change, while a widget shows the results.

    Signals:
        changed: the results have changed, or a new check was scheduled.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._watchers: list[QWidget] = []
        self._checked: CheckSubject | None = None
        self.preview: DataPreview | None = None
        self.diagnostics: tuple[Diagnostic, ...] = ()
        self.has_failed = False
        self._debounce = QTimer(self, singleShot=True, interval=_DEBOUNCE_MS, timeout=self._run)
        self._command = GraphCommand(self)
        self._command.finished.connect(self._on_finished)
        for signal in (
            workspace.active_changed,
            workspace.project_changed,
            workspace.data_changed,
            workspace.table_contents_changed,
        ):
            signal.connect(self.schedule)

    @property
    def is_running(self) -> bool:
        """Whether a check is running or scheduled."""
        return self._command.is_running or self._debounce.isActive()

    @property
    def is_current(self) -> bool:
        """Whether the results are those of the current document and data."""
        return not self.is_running and self._checked == self._subject()

    @property
    def error_count(self) -> int:
        """The number of errors of the last check."""
        return sum(diagnostic.is_error for diagnostic in self.diagnostics)

    def add_watcher(self, widget: QWidget) -> None:
        """Register a widget that shows the results: while it is visible, they are kept current."""
        self._watchers.append(widget)

    def run_if_outdated(self) -> None:
        """Run the check if the results are outdated, even if no widget shows them."""
        if self.has_failed or self._subject() not in (None, self._checked):
            self._run()

    def schedule(self) -> None:
        """Schedule a check if the results are outdated and still needed.

        Results are needed if a widget shows them or if they contain errors. Results of another
        document are removed.
        """
        subject = self._subject()
        if subject is None or (self._checked is not None and subject[0] is not self._checked[0]):
            self._clear()
        # Errors are shown all over the window, so they are kept up to date until they are fixed.
        is_shown = any(widget.isVisible() for widget in self._watchers)
        if subject is None or not (is_shown or self.error_count or self.is_running):
            self._debounce.stop()
            return
        if subject != self._checked:
            if self.preview is None and not self._command.is_running:
                self._run()
            else:
                self._debounce.start()
                self.changed.emit()

    def _subject(self) -> CheckSubject | None:
        session = self._workspace.session
        path, project = session.data_path, session.project
        if path is None or not len(session.graph):
            return None
        content = (project.graph, project.recipe, project.data)
        return session, content, path, session.split_paths, data_stamp(path)

    def _clear(self) -> None:
        self._command.cancel()
        self._debounce.stop()
        self._checked, self.preview, self.diagnostics, self.has_failed = None, None, (), False
        self.changed.emit()

    def _run(self) -> None:
        subject = self._subject()
        if subject is None:
            return
        self._debounce.stop()
        self._checked = subject
        session, _, data, split_paths, _ = subject

        def arguments(graph: Path) -> list[str]:
            table = absolute_text(data)
            return ["data", table, "--graph", str(graph), *split_options(split_paths)]

        name = f"{session.title.replace('/', '-')}.loom.json"
        self._command.run(session.project, name, arguments)
        self.changed.emit()

    def _on_finished(self, _code: int, output: bytes) -> None:
        result = parse_output(output)
        self.has_failed = not result
        self.diagnostics = tuple(parse_diagnostics(output))
        try:
            fields = {key: result[key] for key in _FIELDS if key in result}
            self.preview = DataPreview.model_validate(fields)
        except ValidationError:
            self.preview, self.has_failed = DataPreview(), True
        self.changed.emit()

"""The check of the chosen data against the network, and the buttons of diagnostics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.processes.graph_command import GraphCommand
from app.processes.output_parser import parse_diagnostics, parse_output
from app.training.panel.run_controls import RunControls
from app.training.panel.run_view import RunView
from app.training.panel.toolbar import TrainingToolbar
from app.training.process.run_files import graph_file_of
from engine.core.diagnostic import Diagnostic, Fix
from engine.core.formatting.urls import absolute_text
from engine.graph.model import Project

_RECHECK_DELAY = 600  # milliseconds after an edit
_CheckedState = tuple[Project, Path, int]  # network, data path, and modification time of the data


class DataCheck(QObject):
    """Checks the data before training, shows the result, and handles the buttons of diagnostics.

    A new check cancels the previous one. Why a process: reading many rows would block the window
    even in a thread.

    Args:
        is_training: returns whether a training run is in progress; data is not checked then.

    Signals:
        result_changed: the message that `data_problem` returns may have changed.
    """

    result_changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        bar: TrainingToolbar,
        run_view: RunView,
        run_controls: RunControls,
        is_training: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._bar, self._run_view = workspace, bar, run_view
        self._run_controls, self._is_training = run_controls, is_training
        self.diagnostics_session: Session | None = None  # the document of the shown diagnostics
        self._checked: tuple[Session, Path] | None = None
        self._checked_project: Project | None = None
        self._has_errors = False  # also true until the result of a check is known
        self._failed_state: _CheckedState | None = None
        self._error_count = 0  # number of errors found in `_failed_state`
        self._recheck_timer = QTimer(self, singleShot=True, interval=_RECHECK_DELAY)
        self._recheck_timer.timeout.connect(self._on_recheck_timeout)
        self._command = GraphCommand(self)
        self._command.finished.connect(self._on_finished)
        run_view.diagnostics.node_requested.connect(self._on_node_requested)
        run_view.diagnostics.fix_requested.connect(self._on_fix_requested)
        bar.chooser.sample_failed.connect(self._on_sample_failed)

    @property
    def error_count(self) -> int:
        """The number of errors found in the chosen data, 0 if the data fits or was not checked."""
        return self._error_count if self.data_problem() else 0

    def data_problem(self) -> str:
        """Return a message if the check of the current data and network found errors, else ""."""
        data, failed = self._bar.chooser.data, self._failed_state
        if data is None or failed is None or failed != self._current_state(data):
            return ""
        return f"{data.name} does not fit this network. Fix it or choose other data."

    def _current_state(self, data: Path) -> _CheckedState:
        try:
            modified = data.stat().st_mtime_ns
        except OSError:
            modified = 0
        return self._workspace.session.project, data, modified

    def start(self) -> None:
        """Check the data of the current document, unless a training run is in progress."""
        data = self._bar.chooser.data
        if data is not None and not self._is_training():
            self._run_view.diagnostics.clear()
            self._bar.show_status("")
            self._run(self._workspace.session, data)
            if self._command.is_running:
                self._bar.show_status("Checking the data...")

    def recheck_if_edited(self) -> None:
        """If the check found errors and its document was edited since, repeat it after a delay."""
        session = self._workspace.session
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

    def _run(self, session: Session, data: Path) -> None:
        """Start a check of the document and `data`, but only if its graph has no errors."""
        self._stop()
        self._checked, self._has_errors = (session, data), True
        errors = session.current_report().errors
        self._checked_project = session.project
        if errors:
            return
        name, options = graph_file_of(session).name, ["--data", absolute_text(data)]
        self._command.run(session.project, name, lambda graph: ["check", str(graph), *options])

    def _stop(self) -> None:
        self._recheck_timer.stop()
        self._command.cancel()

    def _on_recheck_timeout(self) -> None:
        if self._checked is not None:
            self._run(*self._checked)

    def detach_session(self, session: Session) -> None:
        """Disable the buttons of the shown diagnostics if they are about `session`, now closed."""
        if session is self.diagnostics_session:
            self.diagnostics_session = None
            self._run_view.diagnostics.disable_buttons()

    def _on_finished(self, _code: int, stdout: bytes) -> None:
        assert self._checked is not None
        session = self._checked[0]
        is_shown = not self._is_training() and session is self._workspace.session
        if parse_output(stdout):
            known = session.report.diagnostics  # not a set: fixes may contain unhashable values
            diagnostics = [found for found in parse_diagnostics(stdout) if found not in known]
            self._has_errors = any(found.is_error for found in diagnostics)
            if is_shown:
                self._show_result(session, diagnostics)
        elif is_shown:  # a check without a result, such as a process that was killed
            self._bar.show_error("The data could not be checked.")

    def _show_result(self, session: Session, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics_session = session
        self._run_view.diagnostics.clear()
        data = self._bar.chooser.data
        name = data.name if data is not None else "The data"
        self._failed_state = None
        self._error_count = sum(diagnostic.is_error for diagnostic in diagnostics)
        if self._error_count:
            self._failed_state = None if data is None else self._current_state(data)
            self._bar.show_error(f"{name} does not fit this network.")
        else:
            self._bar.show_status(f"{name} fits this network.")
        self._run_view.diagnostics.add_diagnostics(diagnostics)
        self.result_changed.emit()

    def _on_sample_failed(self, diagnostics: list[Diagnostic]) -> None:
        self._run_view.diagnostics.clear()
        if not diagnostics:
            self._run_view.diagnostics.add_note("error", "The sample data could not be written.")
        self._run_view.diagnostics.add_diagnostics(diagnostics)

    def _on_node_requested(self, node: str) -> None:
        session = self.diagnostics_session
        if session is None:
            return
        if session is not self._workspace.session:
            self._workspace.activate(session)
        session.reveal([node])

    def _on_fix_requested(self, fix: Fix) -> None:
        if self._run_controls.apply_fix(fix):
            return
        if self.diagnostics_session is not None and self.diagnostics_session.apply_fix(fix):
            # The focused button is about to be deleted.
            self.diagnostics_session.canvas_focus_requested.emit()
            self._run_view.diagnostics.clear()
            if self.diagnostics_session is self._workspace.session:
                self.start()

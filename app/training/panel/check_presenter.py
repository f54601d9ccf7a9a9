"""The result of the data check in the training panel, and the buttons of diagnostics."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.processes.data_check_job import DataCheckJob
from app.training.panel.run_controls import RunControls
from app.training.panel.run_view import RunView
from app.training.panel.toolbar import TrainingToolbar
from engine.core.diagnostic import Diagnostic, Fix


class CheckPresenter(QObject):
    """Shows the result of the data check until a run starts, and handles buttons of diagnostics.

    A check that runs when a training starts goes on, since the Data panel may show it.
    """

    def __init__(
        self,
        workspace: Workspace,
        data_check: DataCheckJob,
        bar: TrainingToolbar,
        run_view: RunView,
        run_controls: RunControls,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._data_check = workspace, data_check
        self._bar, self._run_view, self._run_controls = bar, run_view, run_controls
        self.diagnostics_session: Session | None = None  # the document of the shown diagnostics
        self._is_shown = False  # from the choice of data until a run or another document is shown
        data_check.changed.connect(self._show_result)
        run_view.diagnostics.node_requested.connect(self._on_node_requested)
        run_view.diagnostics.fix_requested.connect(self._on_fix_requested)
        bar.chooser.sample_failed.connect(self._on_sample_failed)

    def data_problem(self) -> str:
        """Return a message if the check of the current data and network found errors, else ""."""
        data = self._bar.chooser.data
        if data is None or not self._data_check.error_count or not self._data_check.is_current:
            return ""
        return f"{data.name} does not fit this network. Fix it or choose other data."

    def start(self) -> None:
        """Check the data of the current document, and show the result."""
        if self._bar.chooser.data is not None and self._bar.state == "idle":
            self._is_shown = True
            self._run_view.diagnostics.clear()
            self._data_check.run_if_outdated()
            self._show_result()

    def reset(self) -> bool:
        """Show no further results; return False if none was shown."""
        was_shown, self._is_shown = self._is_shown, False
        return was_shown

    def _show_result(self) -> None:
        session, data, check = self._workspace.session, self._bar.chooser.data, self._data_check
        if not self._is_shown or data is None:
            return
        has_result = check.preview is not None and not session.report.errors
        if check.is_running or not has_result:
            self._bar.show_status("Checking the data..." if check.is_running else "")
            return
        if check.has_failed:
            self._bar.show_error("The data could not be checked.")
        elif check.error_count:
            self._bar.show_error(f"{data.name} does not fit this network.")
        else:
            self._bar.show_status(f"{data.name} fits this network.")
        self.diagnostics_session = session
        self._run_view.diagnostics.clear()
        self._run_view.diagnostics.add_diagnostics(check.diagnostics)

    def detach_session(self, session: Session) -> None:
        """Disable the buttons of the shown diagnostics if they are about `session`, now closed."""
        if session is self.diagnostics_session:
            self.diagnostics_session = None
            self._run_view.diagnostics.disable_buttons()

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

"""Readiness for training: whether the current document can be trained, and why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.table_contents import data_exists
from app.documents.workspace import Workspace
from app.text.diagnostic_text import at_node
from app.training.panel.run_view import RunView
from app.training.panel.toolbar import TrainingToolbar
from engine.check.report import Report

_POLL_INTERVAL = 1_000  # milliseconds; file system and form fields are polled
_BUSY = "Training is running. Stop it first."


class Readiness(QObject):
    """Checks whether the current document can be trained.

    Updates the Train button, its tooltip, and the hint that is shown while there are no curves.

    Args:
        data_problem: returns why the chosen data does not fit, "" if it fits or was not checked.
        run_summary: returns how the displayed run ended, "" if the run has not ended, None if no
            run is displayed.
        form_problem: returns the error of a form field in another panel, "" if there is none.

    Signals:
        ready_changed: the result of `disabled_reason` may have changed.
        data_restored: missing data exists again, or data that did not fit was changed.
    """

    ready_changed = Signal()
    data_restored = Signal()

    def __init__(
        self,
        workspace: Workspace,
        bar: TrainingToolbar,
        run_view: RunView,
        is_training: Callable[[], bool],
        data_problem: Callable[[], str],
        run_summary: Callable[[], str | None],
        form_problem: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._bar, self._run_view = workspace, bar, run_view
        self._is_training, self._data_problem = is_training, data_problem
        self._run_summary, self._form_problem = run_summary, form_problem
        self._was_rejected = False
        self._shown_reason = ""
        self._last_state: tuple[Path | None, str, str] = (None, "", "")
        self._timer = QTimer(self, interval=_POLL_INTERVAL, timeout=self._on_poll)
        self._timer.start()
        for field in (bar.epochs, bar.devices):
            field.committed.connect(self.refresh)
            field.rejected.connect(self.refresh)

    def disabled_reason(self) -> str:
        """Return why the current document can't be trained now, "" if it can."""
        return _BUSY if self._is_training() else self.restart_disabled_reason()

    def restart_disabled_reason(self) -> str:
        """Return why the document can't be trained, "" if it can. A run in progress is ignored."""
        problem = _training_problem(self._workspace.session.report, self._bar.chooser.data)
        return problem or self._data_problem() or self._form_problem_text()

    def _form_problem_text(self) -> str:
        """Return the error of a field of the tool bar or the inspector, "" if all are valid."""
        return self._bar.field_problem or self._form_problem()

    def _chosen_data_problem(self) -> str:
        """Return why the chosen data can't be trained on, "" if it can or the graph has errors."""
        report, data = self._workspace.session.report, self._bar.chooser.data
        if report.errors or data is None:
            return ""
        return _training_problem(report, data) or self._data_problem()

    def needs_data(self) -> bool:
        """Return whether only data is missing. If so, the Train button opens the file dialog."""
        has_no_data = self._bar.chooser.data is None and not self._workspace.session.report.errors
        return has_no_data and not self._is_training() and not self._form_problem_text()

    def show_disabled_reason(self) -> None:
        """Show `disabled_reason()` as an error. Called when a request to train was rejected."""
        self._was_rejected = not self._is_training()
        self.refresh()

    def reset(self) -> None:
        """Discard the error of an earlier attempt to train. Called when a run starts."""
        self._was_rejected = False

    def refresh(self) -> None:
        """Update the Train button, its tooltip, and the hint shown while there are no curves."""
        disabled_reason = self.disabled_reason()
        report, chooser = self._workspace.session.report, self._bar.chooser
        self._last_state = chooser.data, self._chosen_data_problem(), self._form_problem_text()
        self._bar.refresh(disabled_reason, self.restart_disabled_reason(), self.needs_data())
        if self._is_training():
            self._run_view.show_hint("Starting", "The curves appear after the first step.")
        else:
            hint = _training_hint(report, chooser.data, chooser.sample_name, disabled_reason)
            self._run_view.show_hint("No curves yet", hint)
            self._show_reason(disabled_reason)
        self.ready_changed.emit()

    def _on_poll(self) -> None:
        """Refresh if the data file or a form field has changed, because no signal reports this."""
        previous = self._last_state
        current = self._bar.chooser.data, self._chosen_data_problem(), self._form_problem_text()
        if self._is_training() or current == previous:
            return
        self.refresh()
        if current[0] == previous[0] and previous[1] and not current[1]:
            self.data_restored.emit()

    def _show_reason(self, disabled_reason: str) -> None:
        """Show `disabled_reason` in the status line, if a run is shown or training was rejected.

        Otherwise, only the hint in place of the curves shows why Train is disabled.
        """
        self._was_rejected = self._was_rejected and bool(disabled_reason)
        summary = self._run_summary()
        reason = disabled_reason if self._was_rejected or summary is not None else ""
        if reason or self._shown_reason:
            show = self._bar.show_error if self._was_rejected else self._bar.show_status
            show(reason or summary or "")
        self._shown_reason = reason


def _training_problem(report: Report, data: Path | None) -> str:
    """Return why a document can't be trained on the data, "" if no problem is known."""
    if report.errors:
        rest = f" (and {len(report.errors) - 1} more)" if len(report.errors) > 1 else ""
        return f"{at_node(report.errors[0])}{rest}. Fix this first."
    if data is None:
        return "Choose data to train on first."
    if not data_exists(data):
        return f"The data is no longer there: {data}. Choose it again."
    return ""


def _training_hint(report: Report, data: Path | None, sample: str, why_not: str) -> str:
    """Return the hint shown instead of curves: why no run can start, or what to do next.

    Args:
        report: the report of the document.
        data: the chosen data.
        sample: the name of matching sample data, "" if there is none.
        why_not: why the document can't be trained now, "" if it can.
    """
    if data is not None or report.errors:
        return why_not or "Press Train. The curves of each output appear here."
    if sample:
        return "Press Use sample data or choose your own data. Then press Train."
    return "Choose data to train on. Then press Train."

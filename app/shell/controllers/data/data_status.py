"""The controller that finds and counts the data errors of the active document."""

from __future__ import annotations

from pathlib import Path
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, QTimer, Signal

from app.data.panel import DataPanel
from app.documents.session import Session
from app.documents.table_contents import data_stamp
from app.documents.workspace import Workspace
from app.shell.dock_layout import DockLayout
from app.training.panel.panel import TrainingPanel
from app.training.process.outcome import TrainingOutcome
from engine.check.report import Report
from engine.core.codes import data, encoding

_CHECK_DELAY = 1_200  # milliseconds after a document was activated
_MAX_AUTO_CHECK_BYTES = 2**28  # larger data is checked only on request or by the training
_IMAGE_RANK = 3  # axes: height, width, channels
_DATA_CODES = {*data.CODES, *encoding.CODES}
_POLL_INTERVAL = 1_000  # milliseconds; how often to look whether rejected data has changed

_State = tuple[object, ...]  # graph, data mapping, data path, and file stamp of the data


class DataStatusController(QObject):
    """Counts the data errors of the active document, and shows them on request.

    When a document is activated, its data is checked in the background if the data is small. Data
    errors found by a training run are kept until graph, data mapping or data change.

    Signals:
        errors_changed: `error_count` has changed.
    """

    errors_changed = Signal(int)

    def __init__(
        self, workspace: Workspace, data: DataPanel, training: TrainingPanel, docks: DockLayout
    ) -> None:
        super().__init__(data)
        self._workspace, self._data = workspace, data
        self._training, self._docks = training, docks
        self._shown_errors = 0
        self._error_free: WeakKeyDictionary[Session, Path] = WeakKeyDictionary()
        self._training_state: _State | None = None  # the state when the training was started
        self._rejected: WeakKeyDictionary[Session, tuple[_State, int]] = WeakKeyDictionary()
        self._poll_timer = QTimer(self, interval=_POLL_INTERVAL, timeout=self._refresh)
        self._check_timer = QTimer(self, singleShot=True, interval=_CHECK_DELAY)
        self._check_timer.timeout.connect(self._check_remembered_data)
        data.data_check.changed.connect(self._on_check_changed)
        workspace.active_changed.connect(self._check_timer.start)
        self._check_timer.start()
        training.ready_changed.connect(self._refresh)
        workspace.active_changed.connect(self._refresh)
        workspace.report_changed.connect(self._refresh)
        training.running_changed.connect(self._on_running_changed)
        training.finished.connect(self._on_finished)

    @property
    def error_count(self) -> int:
        """The number of known data errors of the active document."""
        return self._data.data_check.error_count or self._rejected_count

    def show_checks(self) -> None:
        """Show the Checks tab of the Data panel."""
        self._docks.show_expanded("Data")
        self._data.show_tab("Checks")

    @property
    def _rejected_count(self) -> int:
        """The number of data errors that the last training run of the active document has found.

        The number is 0 if graph, data mapping or data have changed since this run started.
        """
        session = self._workspace.session
        rejected = self._rejected.get(session)
        return rejected[1] if rejected is not None and rejected[0] == _state(session) else 0

    def _on_running_changed(self, running: bool) -> None:
        shown = self._training.displayed_run
        if running and shown is not None and shown.session is not None:
            self._training_state = _state(shown.session)
            self._rejected.pop(shown.session, None)

    def _on_finished(self, outcome: TrainingOutcome) -> None:
        """Store the number of data errors that a training run has found."""
        shown = self._training.displayed_run
        errors = sum(found.is_error and found.code in _DATA_CODES for found in outcome.diagnostics)
        session = None if shown is None else shown.session
        if errors and self._training_state is not None and session is not None:
            self._rejected[session] = self._training_state, errors
        self._refresh()

    def _check_remembered_data(self) -> None:
        """Check the data of the active document if the data is small and not known to be valid."""
        session = self._workspace.session
        data = session.data_path
        if data is None or self._training.running or self._error_free.get(session) == data:
            return
        if _is_quick_to_check(session.report, data) and not session.report.errors:
            self._data.data_check.run_if_outdated()

    def _on_check_changed(self) -> None:
        """When the data check has ended, store whether the active document's data has no errors."""
        check, session = self._data.data_check, self._workspace.session
        data = session.data_path
        if check.is_running or check.preview is None or check.has_failed or data is None:
            return
        if check.error_count:
            self._error_free.pop(session, None)
        else:
            self._error_free[session] = data

    def _refresh(self) -> None:
        errors = self.error_count
        if not self._rejected_count:
            self._poll_timer.stop()
        elif not self._poll_timer.isActive():
            self._poll_timer.start()
        if errors == self._shown_errors:
            return
        self._shown_errors = errors
        self._docks.show_count("Data", errors)
        self.errors_changed.emit(errors)


def _state(session: Session) -> _State:
    project, data = session.project, session.data_path
    return project.graph, project.data, data, None if data is None else data_stamp(data)


def _is_quick_to_check(report: Report, data: Path) -> bool:
    """Return whether `data`, a file or a folder of files, is small, and no Input takes images.

    Why: a table that has only the paths of images is small even if the images are large.
    """
    has_images = any(spec.rank == _IMAGE_RANK for spec in report.input_specs().values())
    total_bytes = sum(size for _, size, _ in data_stamp(data))
    return not has_images and 0 < total_bytes <= _MAX_AUTO_CHECK_BYTES

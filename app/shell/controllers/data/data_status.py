"""The controller that finds and counts the data errors of the active document."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.table_contents import data_stamp
from app.shell.window_parts import WindowParts
from app.training.process.outcome import TrainingOutcome
from engine.check.report import Report
from engine.core.codes import data, encoding

_CHECK_DELAY = 1_200  # milliseconds after a document was activated
_MAX_AUTO_CHECK_BYTES = 2**28  # larger data is checked only on request or by the training
_IMAGE_RANK = 3  # axes: height, width, channels
_DATA_CODES = {*data.CODES, *encoding.CODES}
_POLL_INTERVAL = 1_000  # milliseconds; how often to look whether data with errors has changed


class DataStatusController(QObject):
    """Counts the data errors of the active document, and shows them on request.

    When a document is activated, its data is checked in the background if the data is small, and
    when a training run has found errors in it.

    Signals:
        errors_changed: `error_count` has changed.
    """

    errors_changed = Signal(int)

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window, self._workspace = window, window.workspace
        self._training = window.panels.training
        self._data_check = data_check = window.panels.data.data_check
        self._shown_errors = 0
        self._poll_timer = QTimer(self, interval=_POLL_INTERVAL, timeout=data_check.schedule)
        self._check_timer = QTimer(self, singleShot=True, interval=_CHECK_DELAY)
        self._check_timer.timeout.connect(self._check_remembered_data)
        data_check.changed.connect(self._refresh)
        window.workspace.active_changed.connect(self._check_timer.start)
        self._check_timer.start()
        self._training.finished.connect(self._on_finished)

    @property
    def error_count(self) -> int:
        """The number of known data errors of the active document."""
        return self._data_check.error_count

    def show_checks(self) -> None:
        """Show the Checks tab of the Data panel."""
        self._window.dock_layout.show_expanded("Data")
        self._window.panels.data.show_tab("Checks")

    def _on_finished(self, outcome: TrainingOutcome) -> None:
        """Check the data if a training run has found errors in it."""
        if any(found.is_error and found.code in _DATA_CODES for found in outcome.diagnostics):
            self._data_check.run_if_outdated()

    def _check_remembered_data(self) -> None:
        """Check the data of the active document if the data is small."""
        session, data = self._workspace.session, self._workspace.session.data_path
        if data is None or self._training.running:
            return
        if _is_quick_to_check(session.report, data) and not session.report.errors:
            self._data_check.run_if_outdated()

    def _refresh(self) -> None:
        errors = self.error_count
        if errors == self._shown_errors:
            return
        self._shown_errors = errors
        if errors:
            self._poll_timer.start()
        else:
            self._poll_timer.stop()
        self._window.dock_layout.show_count("Data", errors)
        self.errors_changed.emit(errors)


def _is_quick_to_check(report: Report, data: Path) -> bool:
    """Return whether `data`, a file or a folder of files, is small, and no Input takes images.

    Why: a table that has only the paths of images is small even if the images are large.
    """
    has_images = any(spec.rank == _IMAGE_RANK for spec in report.input_specs().values())
    total_bytes = sum(size for _, size, _ in data_stamp(data))
    return not has_images and 0 < total_bytes <= _MAX_AUTO_CHECK_BYTES

"""The controller of the status chip, which shows whether a document is valid and trained."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.shell.controllers.data.data_status import DataStatusController
from app.shell.window_parts import WindowParts
from app.training.panel.document_status import (
    DocumentStatus,
    LastRun,
    document_status,
    training_status,
)
from engine.runs.state.run_state import FINAL_STATUSES


class StatusChipController(QObject):
    """Shows the training status of the active document. A click shows the panel with details."""

    def __init__(self, window: WindowParts, data_status: DataStatusController) -> None:
        super().__init__(window)
        self._chip, self._workspace = window.tool_bar.chip, window.workspace
        self._training, self._docks = window.panels.training, window.dock_layout
        self._data_status = data_status
        self._last_run: LastRun | None = None
        self._chip.clicked.connect(self._on_clicked)
        self._training.running_changed.connect(self._on_running_changed)
        self._training.state_changed.connect(self._refresh)
        self._training.ready_changed.connect(self._refresh)  # data may have been added or removed
        self._training.losses_changed.connect(self._refresh)
        self._workspace.report_changed.connect(self._refresh)
        self._workspace.active_changed.connect(self._refresh)
        data_status.errors_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        self._chip.show_status(self._current_status())

    def _current_status(self) -> DocumentStatus:
        training, session = self._training, self._workspace.session
        shown = training.displayed_run
        if shown is not None and training.running and shown.session is session:
            name = shown.run.name if shown.run else "The run"
            return training_status(training.state, shown.progress.fraction, name)
        last_run = self._load_last_run(training.last_run)
        return document_status(session, last_run, self._data_status.error_count)

    def _load_last_run(self, path: Path | None) -> LastRun | None:
        """Return the last run of the document from its run folder `path`; None if `path` is None.

        If the cached run has this folder and has ended, return it. Otherwise, read the run.
        """
        last = self._last_run
        if path is None:
            self._last_run = None
        elif last is None or last.path != path or last.status not in FINAL_STATUSES:
            self._last_run = LastRun(path)
        return self._last_run

    def _on_running_changed(self, running: bool) -> None:
        if not running:
            self._last_run = None
        self._refresh()

    def _on_clicked(self) -> None:
        if not self._workspace.session.report.errors and self._data_status.error_count:
            self._data_status.show_checks()
        else:
            self._docks.show_panel(self._chip.target_panel)

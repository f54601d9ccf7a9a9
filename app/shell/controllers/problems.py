"""The controller that shows how many problems and data errors exist, and opens their panels."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.shell.controllers.data.data_status import DataStatusController
from app.shell.window_parts import WindowParts


class ProblemsController(QObject):
    """Shows the number of problems in the title of the Problems panel.

    The status bar shows the number of data errors. A click on that number shows the data checks.
    """

    def __init__(self, window: WindowParts, data_status: DataStatusController) -> None:
        super().__init__(window)
        self._docks = window.dock_layout
        problems, status_bar = window.panels.problems, window.status_bar
        problems.counts_changed.connect(self._on_counts_changed)
        status_bar.problems_button.clicked.connect(self._on_problems_clicked)
        problems.checks_requested.connect(data_status.show_checks)
        status_bar.data_errors_button.clicked.connect(data_status.show_checks)
        data_status.errors_changed.connect(status_bar.show_data_errors)
        data_status.errors_changed.connect(problems.show_data_errors)
        self._on_counts_changed(*problems.counts)

    def _on_counts_changed(self, errors: int, warnings: int) -> None:
        self._docks.show_count("Problems", errors + warnings)

    def _on_problems_clicked(self) -> None:
        self._docks.show_panel("Problems")

"""The controller that shows the number of problems, and the Problems panel on request."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.problems.panel import ProblemsPanel
from app.shell.bars import StatusBarContents
from app.shell.panel_display import PanelDisplay


class ProblemsController(QObject):
    """Shows the number of problems in the title of the Problems panel."""

    def __init__(
        self, problems: ProblemsPanel, status_bar: StatusBarContents, display: PanelDisplay
    ) -> None:
        super().__init__(problems)
        self._display = display
        problems.counts_changed.connect(self._on_counts_changed)
        status_bar.problems_button.clicked.connect(self._on_problems_clicked)
        self._on_counts_changed(*problems.counts)

    def _on_counts_changed(self, errors: int, warnings: int) -> None:
        self._display.show_count("Problems", errors + warnings)

    def _on_problems_clicked(self) -> None:
        self._display.show("Problems")

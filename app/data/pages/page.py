"""The base class of pages of the data panel that show results of the data check."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from app.documents.workspace import Workspace
from app.processes.data_check_job import DataCheckJob


class DataPage(QWidget):
    """A page that shows results of the data check. Showing the page requests a check."""

    def __init__(self, workspace: Workspace, data_check: DataCheckJob) -> None:
        super().__init__()
        self._workspace, self._data_check = workspace, data_check
        data_check.add_watcher(self)
        data_check.changed.connect(self._on_check_changed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._data_check.schedule()
        self._refresh()

    def _refresh(self) -> None:
        """Show the current document and check results; implemented by subclasses."""
        raise NotImplementedError(type(self).__name__)

    def _on_check_changed(self) -> None:
        self._refresh()

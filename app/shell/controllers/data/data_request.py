"""The controller that handles requests of panels to show the data table or a file dialog."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.data.panel import DataPanel
from app.documents.workspace import Workspace
from app.inspector.panel import InspectorPanel
from app.shell.controllers.data.columns import ColumnsController
from app.training.panel.panel import TrainingPanel


class DataRequestController(QObject):
    """Shows the data table when the inspector requests it. Without data, a file dialog opens.

    The file dialog also opens when the data panel requests it.
    """

    def __init__(
        self,
        inspector: InspectorPanel,
        data: DataPanel,
        workspace: Workspace,
        columns: ColumnsController,
        training: TrainingPanel,
    ) -> None:
        super().__init__(inspector)
        self._workspace, self._columns, self._training = workspace, columns, training
        inspector.data_requested.connect(self._on_data_requested)
        data.choose_requested.connect(training.open_data_dialog)

    def _on_data_requested(self) -> None:
        self._columns.show_table()
        if self._workspace.session.data_path is None:
            self._training.open_data_dialog()

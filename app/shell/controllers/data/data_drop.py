"""The controller of data files that are dropped on the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.documents.workspace import Workspace
from app.files.documents.file_drops import FileDropFilter
from app.shell.dialogs.start import StartDialogs
from app.shell.panel_display import PanelDisplay
from app.training.panel.panel import TrainingPanel


class DataDropController(QObject):
    """Handles data files that are dropped on the window.

    If the active document is empty, the dialog for a starter network opens. Otherwise, the file
    becomes the training data of the document.
    """

    def __init__(
        self,
        drops: FileDropFilter,
        workspace: Workspace,
        training: TrainingPanel,
        dialogs: StartDialogs,
        display: PanelDisplay,
    ) -> None:
        super().__init__(drops)
        self._workspace, self._training = workspace, training
        self._dialogs, self._display = dialogs, display
        drops.data_dropped.connect(self._on_data_dropped)

    def _on_data_dropped(self, path: Path) -> None:
        if not len(self._workspace.session.graph):
            self._dialogs.start_from_data(path)
            return
        self._display.show("Training")
        self._training.set_data(path)

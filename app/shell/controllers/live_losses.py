"""The controller that shows the latest losses of a training run on the canvas."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject

from app.documents.workspace import Workspace
from app.shell.document_tabs import DocumentTabs
from app.training.panel.panel import TrainingPanel


class LiveLossesController(QObject):
    """Shows the losses on the Output nodes of the trained document while the training runs."""

    def __init__(self, training: TrainingPanel, workspace: Workspace, tabs: DocumentTabs) -> None:
        super().__init__(training)
        self._training, self._workspace, self._tabs = training, workspace, tabs
        training.losses_changed.connect(self._on_losses_changed)
        training.running_changed.connect(self._on_running_changed)

    def _on_losses_changed(self, losses: Mapping[str, str]) -> None:
        shown = self._training.displayed_run
        session = None if shown is None else shown.session
        canvas = None if session is None else self._tabs.canvas_of(session)
        if canvas is not None:
            canvas.show_live_losses(losses)

    def _on_running_changed(self, running: bool) -> None:
        if running:
            return
        for session in self._workspace.sessions:
            canvas = self._tabs.canvas_of(session)
            if canvas is not None:
                canvas.show_live_losses({})

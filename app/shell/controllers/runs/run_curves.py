"""The controller that connects the runs panel to the training panel."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.documents.workspace import Workspace
from app.runs.panel import RunsPanel
from app.shell.dock_layout import DockLayout
from app.training.panel.panel import TrainingPanel


class RunCurvesController(QObject):
    """Shows the curves of listed runs, repeats runs, and starts training from their weights."""

    def __init__(
        self, runs: RunsPanel, training: TrainingPanel, workspace: Workspace, docks: DockLayout
    ) -> None:
        super().__init__(runs)
        self._runs, self._training = runs, training
        self._workspace, self._docks = workspace, docks
        runs.show_requested.connect(self.show_curves)
        training.running_changed.connect(runs.loader.refresh)
        training.run_relocation.runs_moved.connect(runs.loader.refresh)

    def show_selected(self) -> None:
        """Show the curves of the selected run."""
        for entry in self._runs.selected[:1]:
            self.show_curves(entry.folder.path)

    def show_curves(self, run: Path) -> None:
        """Show the curves of a run. While the run is training, the curves are updated."""
        self._docks.show_expanded("Training")
        self._training.attach(self._workspace.session, run)

    def repeat_run(self) -> None:
        """Train again with the graph, data, settings and seed of the selected run."""
        for entry in self._runs.selected[:1]:
            self._docks.show_expanded("Training")
            self._training.repeat(entry.folder.path)

    def warm_start(self) -> None:
        """Train the active document, starting from the weights of the selected run."""
        for entry in self._runs.selected[:1]:
            self._docks.show_expanded("Training")
            self._training.train(warm_start_run=entry.folder.path)

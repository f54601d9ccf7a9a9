"""The controller that connects the runs panel to the training panel."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.shell.window_parts import WindowParts


class RunCurvesController(QObject):
    """Shows the curves of listed runs, repeats runs, and starts training from their weights."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._runs, self._training = window.panels.runs, window.panels.training
        self._workspace, self._docks = window.workspace, window.dock_layout
        self._runs.show_requested.connect(self.show_curves)
        self._training.running_changed.connect(self._runs.loader.refresh)
        self._training.run_relocation.runs_moved.connect(self._runs.loader.refresh)

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

"""The controller that decides which run the results panel shows."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.shell.window_parts import WindowParts
from engine.runs.folder.run_json import RUN_FILE


class ResultsRunController(QObject):
    """Shows the results of the run in the training panel, or of a run chosen in the Runs panel."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        panels, self._workspace, self._docks = window.panels, window.workspace, window.dock_layout
        self._results, self._runs, self._training = panels.results, panels.runs, panels.training
        self._selected_run: Path | None = None  # the run chosen in the runs table
        self._results.message_posted.connect(self._workspace.message)
        self._training.running_changed.connect(self._on_running_changed)
        self._training.state_changed.connect(self._update)
        self._workspace.active_changed.connect(self._on_switched)
        self._docks.visibility_changed.connect(self._on_visibility_changed)
        self._update()

    def show_selected(self) -> None:
        """Show the results of the run selected in the runs table."""
        for entry in self._runs.selected[:1]:
            self._selected_run = entry.folder.path
            self._docks.show_expanded("Results")
            self._update()

    def _update(self) -> None:
        """Show the chosen run, else the training panel's run, else the last run of the document."""
        shown = self._training.displayed_run
        run = self._selected_run
        if run is None and shown is not None and shown.session is self._workspace.session:
            run = shown.run
        # A run that has just started has no run.json yet.
        if run is None or not (run / RUN_FILE).exists():
            run = self._training.last_run
        if run != self._results.run:
            self._results.set_run(run)

    def _on_running_changed(self, running: bool) -> None:
        previous_run = self._results.run
        if running:
            self._selected_run = None
        self._update()
        if not running and previous_run is not None and self._results.run == previous_run:
            # Load it again, because its weights may have been written meanwhile.
            self._results.set_run(previous_run)

    def _on_switched(self) -> None:
        self._selected_run = None
        self._update()

    def _on_visibility_changed(self, title: str, is_visible: bool) -> None:
        """When the results panel becomes visible, reload its run if the run has no results.

        Why: the command line may have evaluated the run since it was loaded.
        """
        results = self._results
        if title != "Results" or not is_visible:
            return
        if results.run is not None and results.shown_results is None:
            results.set_run(results.run)

"""The controller that connects training to actions, status chip, canvas and close prompt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.documents.session import Session
from app.files.prompts.message_box import Choice
from app.theme.icons import icon
from app.training.panel.document_status import (
    DocumentStatus,
    LastRun,
    document_status,
    training_status,
)
from app.training.panel.toolbar import LIVE_STATES

if TYPE_CHECKING:
    from app.shell.main_window import MainWindow


class TrainingController(QObject):
    """Updates actions, status chip and canvas from the training panel."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._last_run: LastRun | None = None
        self._stop_on_close = False
        training, workspace = window.training_panel, window.workspace
        window.action_manager.condition_providers.append(self._action_conditions)
        view = training.results.view_options
        window.action_manager.check_states["curves-log"] = lambda: view.options.log_scale
        view.changed.connect(window.action_manager.refresh)
        training.results.export_requested.connect(window.dialog_controller.export_curves)
        training.running_changed.connect(self._on_running_changed)
        training.state_changed.connect(self._on_state_changed)
        training.ready_changed.connect(self._on_ready_changed)
        training.losses_changed.connect(self._on_loss_told)
        window.files.saved.connect(self._on_saved)
        workspace.report_changed.connect(self.update_status_chip)
        workspace.active_changed.connect(self._on_state_changed)
        self._on_ready_changed()
        self._on_state_changed()

    def _action_conditions(self) -> Mapping[str, bool]:
        """Return the conditions of actions on training."""
        training = self._window.training_panel
        shown = training.displayed_run
        return {
            "idle": not training.running,
            "running": training.running,
            "controllable": training.state in LIVE_STATES,
            "resumable": training.resumable,
            "last run": training.last_run is not None and not training.running,
            "curves": shown is not None and shown.curves.started is not None,
        }

    def toggle_log_scale(self) -> None:
        """Switch the loss curves between a logarithmic and a linear scale."""
        view = self._window.training_panel.results.view_options
        view.update(log_scale=not view.options.log_scale)

    def confirm_close(self, then: Callable[[bool], object]) -> None:
        """Ask whether a running training of this window continues after the window is closed.

        Args:
            then: called with whether to close the window.
        """
        training = self._window.training_panel
        if not training.training.is_own_process:
            then(True)
            return

        def stop() -> None:
            self._stop_on_close = True
            then(True)

        self._stop_on_close = False
        run = training.training.run
        self._window.files.desk.ask(
            "Keep training after the window is closed?",
            f"{run.name if run else 'The run'} continues in the background. Its progress is "
            "shown again when the document is reopened.",
            Choice("Keep training", lambda: then(True)),
            Choice("Stop training", stop),
            Choice("Cancel", lambda: then(False)),
            kind="info",
        )

    def apply_close_choice(self) -> None:
        """Stop the training if that was chosen; one that has not started has nothing to save."""
        training = self._window.training_panel
        if not self._stop_on_close:
            return
        if training.state == "starting":
            training.training.kill()
        else:
            training.training.stop()

    def update_status_chip(self) -> None:
        """Update the status chip for the active document."""
        chip = self._window.tool_bar.chip
        chip.show_status(self._current_status())

    def _current_status(self) -> DocumentStatus:
        training, session = self._window.training_panel, self._window.workspace.session
        shown = training.displayed_run
        if shown is not None and training.running and shown.session is session:
            name = shown.run.name if shown.run else "The run"
            return training_status(training.state, shown.progress.fraction, name)
        return document_status(
            session,
            self._load_last_run(training.last_run),
            self._window.data_status_controller.error_count,
        )

    def _load_last_run(self, path: Path | None) -> LastRun | None:
        """Return the last run; it is read again unless its status is final."""
        if path is None:
            self._last_run = None
        elif (
            self._last_run is None
            or self._last_run.path != path
            or self._last_run.status not in _FINAL_STATUSES
        ):
            self._last_run = LastRun(path)
        return self._last_run

    def _on_running_changed(self, running: bool) -> None:
        if not running:
            self._last_run = None
            for session in self._window.workspace.sessions:
                canvas = self._window.tabs.canvas_of(session)
                if canvas is not None:
                    canvas.show_running_losses({})
        self._on_state_changed()

    def _on_state_changed(self) -> None:
        window = self._window
        paused = window.training_panel.state == "paused"
        action = window.action_manager.actions["pause"]
        action.setText("Continue" if paused else "Pause")
        action.setIcon(icon(window.theme, "play" if paused else "pause"))
        window.action_manager.refresh()
        self.update_status_chip()

    def _on_ready_changed(self) -> None:
        window = self._window
        reason = window.training_panel.disabled_reason()
        tip = window.action_manager.tooltip("train")
        window.action_manager.actions["train"].setToolTip(f"{tip}\n{reason}" if reason else tip)
        window.tool_bar.set_can_train(not reason or window.training_panel.readiness.needs_data())
        self.update_status_chip()  # data may have been added or removed

    def _on_saved(self, session: object) -> None:
        assert isinstance(session, Session)
        self._window.training_panel.run_relocation.move_ended_runs(session, just_saved=True)

    def _on_loss_told(self, losses: Mapping[str, str]) -> None:
        shown = self._window.training_panel.displayed_run
        session = None if shown is None else shown.session
        canvas = None if session is None else self._window.tabs.canvas_of(session)
        if canvas is not None:
            canvas.show_running_losses(losses)
        self.update_status_chip()


_FINAL_STATUSES = ("finished", "stopped", "failed")

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
    LastRun,
    Standing,
    standing_in_training,
    standing_of,
)
from app.training.panel.toolbar import TURNABLE

if TYPE_CHECKING:
    from app.shell.main_window import Window


class Running(QObject):
    """Updates actions, status chip and canvas from the training panel."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._last_run: LastRun | None = None
        self._stop_on_close = False
        training, workspace = window.training, window.workspace
        window.commands.more.append(self._action_conditions)
        view = training.results.view
        window.commands.marks["curves-log"] = lambda: view.options.log_scale
        view.changed.connect(window.commands.refresh)
        training.results.export_asked.connect(window.dialogs.export_curves)
        training.running_changed.connect(self._on_running_changed)
        training.state_changed.connect(self._on_state_changed)
        training.ready_changed.connect(self._on_ready_changed)
        training.loss_told.connect(self._on_loss_told)
        window.files.saved.connect(self._on_saved)
        workspace.report_changed.connect(self.show_standing)
        workspace.switched.connect(self._on_state_changed)
        self._on_ready_changed()
        self._on_state_changed()

    def _action_conditions(self) -> Mapping[str, bool]:
        """Return the conditions of actions on training."""
        training = self._window.training
        shown = training.shown
        return {
            "idle": not training.running,
            "running": training.running,
            "controllable": training.state in TURNABLE,
            "resumable": training.resumable,
            "last run": training.last is not None and not training.running,
            "curves": shown is not None and shown.curves.started is not None,
        }

    def toggle_log(self) -> None:
        """Switch the loss curves between a logarithmic and a linear scale."""
        view = self._window.training.results.view
        view.set(log_scale=not view.options.log_scale)

    def ask_before_leaving(self, then: Callable[[bool], object]) -> None:
        """Ask whether a running training of this window continues after the window is closed.

        Args:
            then: called with whether to close the window.
        """
        training = self._window.training
        if not training.training.own:
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

    def leave(self) -> None:
        """Stop the training if that was chosen; one that has not started has nothing to save."""
        training = self._window.training
        if not self._stop_on_close:
            return
        if training.state == "starting":
            training.training.kill()
        else:
            training.training.stop()

    def show_standing(self) -> None:
        """Update the status chip for the active document."""
        chip = self._window.tool_bar.chip
        chip.show_standing(self._current_status())

    def _current_status(self) -> Standing:
        training, session = self._window.training, self._window.workspace.session
        shown = training.shown
        if shown is not None and training.running and shown.session is session:
            name = shown.run.name if shown.run else "The run"
            return standing_in_training(training.state, shown.progress.share, name)
        return standing_of(
            session, self._load_last_run(training.last), self._window.auditing.errors
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
                    canvas.show_running({})
        self._on_state_changed()

    def _on_state_changed(self) -> None:
        window = self._window
        paused = window.training.state == "paused"
        action = window.commands.actions["pause"]
        action.setText("Continue" if paused else "Pause")
        action.setIcon(icon(window.theme, "play" if paused else "pause"))
        window.commands.refresh()
        self.show_standing()

    def _on_ready_changed(self) -> None:
        window = self._window
        reason = window.training.why_not()
        tip = window.commands.tip("train")
        window.commands.actions["train"].setToolTip(f"{tip}\n{reason}" if reason else tip)
        window.tool_bar.show_ready(not reason or window.training.readiness.lacks_data())
        self.show_standing()  # data may have been added or removed

    def _on_saved(self, session: object) -> None:
        assert isinstance(session, Session)
        self._window.training.moving.bring(session, just_saved=True)

    def _on_loss_told(self, losses: Mapping[str, str]) -> None:
        shown = self._window.training.shown
        session = None if shown is None else shown.session
        canvas = None if session is None else self._window.tabs.canvas_of(session)
        if canvas is not None:
            canvas.show_running(losses)
        self.show_standing()


_FINAL_STATUSES = ("finished", "stopped", "failed")

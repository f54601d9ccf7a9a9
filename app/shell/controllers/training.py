"""A training and the rest of the window: actions, tool bar, canvas, and the question at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.documents.session import Session
from app.files.documents.message_box import Choice
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
    """Keeps what is around the training panel equal to what is trained."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._last: LastRun | None = None
        self._stops = False
        training, workspace = window.training, window.workspace
        window.commands.more.append(self._there)
        view = training.results.view
        window.commands.marks["curves-log"] = lambda: view.look.log
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

    def _there(self) -> Mapping[str, bool]:
        """Return what there is for actions about a training."""
        training = self._window.training
        shown = training.shown
        return {
            "idle": not training.running,
            "running": training.running,
            "turnable": training.state in TURNABLE,
            "resumable": training.resumable,
            "last": training.last is not None and not training.running,
            "curves": shown is not None and shown.curves.started is not None,
        }

    def toggle_log(self) -> None:
        """Draw losses by their powers of ten, or plainly again."""
        view = self._window.training.results.view
        view.set(log=not view.look.log)

    def ask_before_leaving(self, then: Callable[[bool], object]) -> None:
        """Ask what becomes of a training of this window; `then` hears whether to go on."""
        training = self._window.training
        if not training.training.own:
            then(True)
            return

        def stop() -> None:
            self._stops = True
            then(True)

        self._stops = False
        run = training.training.run
        self._window.files.desk.ask(
            "Keep training after the window is closed?",
            f"{run.name if run else 'The run'} goes on by itself. The next time that this "
            "document is opened, it is shown again as far as it is by then.",
            Choice("Keep training", lambda: then(True)),
            Choice("Stop it", stop),
            Choice("Cancel", lambda: then(False)),
            kind="info",
        )

    def leave(self) -> None:
        """Do to the training what was answered; one that has not begun has nothing to save."""
        training = self._window.training
        if not self._stops:
            return
        if training.state == "starting":
            training.training.kill()
        else:
            training.training.stop()

    def show_standing(self) -> None:
        """Show how the document in front stands to its trainings."""
        chip = self._window.tool_bar.chip
        chip.show_standing(self._standing())

    def _standing(self) -> Standing:
        training, session = self._window.training, self._window.workspace.session
        shown = training.shown
        if shown is not None and training.running and shown.session is session:
            name = shown.run.name if shown.run else "The run"
            return standing_in_training(training.state, shown.pace.share, name)
        return standing_of(session, self._last_run(training.last), self._window.auditing.errors)

    def _last_run(self, path: Path | None) -> LastRun | None:
        """Return the last run, read again once it may have come to something else."""
        if path is None:
            self._last = None
        elif self._last is None or self._last.path != path or self._last.status not in _ENDS:
            self._last = LastRun(path)
        return self._last

    def _on_running_changed(self, running: bool) -> None:
        if not running:
            self._last = None
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
        hindrance = window.training.why_not()
        tip = window.commands.tip("train")
        window.commands.actions["train"].setToolTip(f"{tip}\n{hindrance}" if hindrance else tip)
        window.tool_bar.show_ready(not hindrance or window.training.readiness.lacks_data())
        self.show_standing()  # data may have come or gone

    def _on_saved(self, session: object) -> None:
        assert isinstance(session, Session)
        self._window.training.moving.bring(session, saved=True)

    def _on_loss_told(self, losses: Mapping[str, str]) -> None:
        shown = self._window.training.shown
        session = None if shown is None else shown.session
        canvas = None if session is None else self._window.tabs.canvas_of(session)
        if canvas is not None:
            canvas.show_running(losses)
        self.show_standing()


_ENDS = ("finished", "stopped", "failed")

"""The controller that shows a training run in actions, in the tool bar and on the canvas."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject

from app.shell.window_parts import WindowParts


class TrainingController(QObject):
    """Keeps the actions "Train" and "Pause" and the Train button in step with the training.

    While a document is trained, the newest losses are shown on its Output nodes.
    """

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._training, self._workspace = window.panels.training, window.workspace
        self._tabs, self._bar, self._actions = window.tabs, window.tool_bar, window.action_manager
        self._training.losses_changed.connect(self._on_losses_changed)
        self._training.running_changed.connect(self._on_running_changed)
        self._training.state_changed.connect(self._on_state_changed)
        self._training.ready_changed.connect(self._on_ready_changed)
        self._workspace.active_changed.connect(self._on_state_changed)
        self._on_ready_changed()
        self._on_state_changed()

    def _on_state_changed(self) -> None:
        paused = self._training.state == "paused"
        text, icon = ("Continue", "play") if paused else ("Pause", "pause")
        self._actions.set_appearance("pause", text, icon)

    def _on_losses_changed(self, losses: Mapping[str, str]) -> None:
        shown = self._training.displayed_run
        session = None if shown is None else shown.session
        canvas = None if session is None else self._tabs.canvas_of(session)
        if canvas is not None:
            canvas.scene_sync.show_live_losses(losses)

    def _on_running_changed(self, running: bool) -> None:
        self._on_state_changed()
        if running:
            return
        for session in self._workspace.sessions:
            canvas = self._tabs.canvas_of(session)
            if canvas is not None:
                canvas.scene_sync.show_live_losses({})

    def _on_ready_changed(self) -> None:
        reason = self._training.disabled_reason()
        tip = self._actions.tooltip("train")
        self._actions.actions["train"].setToolTip(f"{tip}\n{reason}" if reason else tip)
        self._bar.set_can_train(not reason or self._training.readiness.needs_data())

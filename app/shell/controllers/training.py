"""The controller that shows the state of training in actions and tool bar."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.documents.workspace import Workspace
from app.shell.actions.action_manager import ActionManager
from app.shell.bars import ToolBar
from app.training.panel.panel import TrainingPanel


class TrainingController(QObject):
    """Keeps the actions "Train" and "Pause" and the Train button in step with the training."""

    def __init__(
        self, training: TrainingPanel, workspace: Workspace, actions: ActionManager, bar: ToolBar
    ) -> None:
        super().__init__(training)
        self._training, self._actions, self._bar = training, actions, bar
        training.running_changed.connect(self._on_state_changed)
        training.state_changed.connect(self._on_state_changed)
        training.ready_changed.connect(self._on_ready_changed)
        workspace.active_changed.connect(self._on_state_changed)
        self._on_ready_changed()
        self._on_state_changed()

    def _on_state_changed(self) -> None:
        paused = self._training.state == "paused"
        text, icon = ("Continue", "play") if paused else ("Pause", "pause")
        self._actions.set_appearance("pause", text, icon)

    def _on_ready_changed(self) -> None:
        reason = self._training.disabled_reason()
        tip = self._actions.tooltip("train")
        self._actions.actions["train"].setToolTip(f"{tip}\n{reason}" if reason else tip)
        self._bar.set_can_train(not reason or self._training.readiness.needs_data())

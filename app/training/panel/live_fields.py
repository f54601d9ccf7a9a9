"""Fields for the live settings of a run: learning rate and patience.

Loss weights, the third live setting, are edited in `LossTable`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from app.controls import NumberEdit
from app.controls.layout.boxes import row_layout
from engine.core.diagnostic import DiagnosticError
from engine.core.schema import ParamsError
from engine.events import ControlTaken
from engine.graph.serialization.file import parse
from engine.recipe.early_stopping_rule import EarlyStopping
from engine.recipe.parser import parse_recipe
from engine.recipe.recipe import Recipe
from engine.runs.folder.run_folder import RunFolder

_WIDTHS = {"learning_rate": 104, "patience": 76}


class LiveFields(QWidget):
    """Fields that show and edit a run's learning rate (before its schedule) and patience.

    A change is requested on Enter only, so that no stray key changes a run.

    Signals:
        change_requested: the user edited a field. Sends kind and value of a control request.
    """

    change_requested = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._current: tuple[float | None, int | None] = (None, None)
        self.learning_rate = self._create_field("Learning rate", "learning_rate", minimum=1e-30)
        self.learning_rate.setToolTip(
            "Learning rate, before its schedule. Type a value and press Enter to change it during "
            "training; used from the next step on"
        )
        self.patience = self._create_field(
            "Patience", "patience", integer=True, minimum=0, optional=True
        )
        self.patience.setToolTip(
            "Epochs without improvement before the run stops. Empty: no early stopping. "
            "Press Enter to change it during training"
        )
        self.patience.setPlaceholderText("none")
        row = row_layout(parent=self, spacing=8)
        for text, field in (("Learning rate", self.learning_rate), ("Patience", self.patience)):
            label = QLabel(text)
            label.setBuddy(field)
            row.addWidget(label)
            row.addWidget(field)
        row.addStretch(1)
        self.learning_rate.committed.connect(self._on_rate_committed)
        self.patience.committed.connect(self._on_patience_committed)

    def _create_field(self, name: str, id: str, **bounds: Any) -> NumberEdit:
        field = NumberEdit(None, needs_enter=True, **bounds)
        field.setObjectName(f"training-{id.replace('_', '-')}")
        field.setAccessibleName(name)
        field.setFixedWidth(_WIDTHS[id])
        return field

    def load_run(self, run: Path) -> None:
        """Show the settings that a run was started with."""
        self._show(*_initial_settings(run))

    def show_applied(self, event: ControlTaken) -> None:
        """Show a setting that a control request has changed."""
        if event.code:
            return
        rate, patience = self._current
        if event.request == "learning_rate" and isinstance(event.value, (int, float)):
            self._current = (float(event.value), patience)
            self.learning_rate.set_value(event.value)
        elif event.request == "stopping":
            self._show(rate, _parse_stopping(event.value))

    def restore(self) -> None:
        """Show the settings that are in effect. Called after a request was rejected."""
        rate, patience = self._current
        self.learning_rate.set_value(rate)
        self.patience.set_value(patience)

    def _show(self, rate: float | None, stopping: EarlyStopping | None) -> None:
        self._current = (rate, None if stopping is None else stopping.patience)
        self.restore()

    def _on_rate_committed(self, rate: object) -> None:
        self.change_requested.emit("learning_rate", rate)

    def _on_patience_committed(self, patience: object) -> None:
        self.change_requested.emit("stopping", None if patience is None else {"patience": patience})


def _initial_settings(run: Path) -> tuple[float | None, EarlyStopping | None]:
    try:
        recipe = parse_recipe(parse(RunFolder.open(run).graph_bytes()).project.recipe)
    except DiagnosticError:
        return None, None
    if not isinstance(recipe, Recipe):
        return None, None
    return recipe.optimizer.learning_rate, recipe.stopping


def _parse_stopping(value: object) -> EarlyStopping | None:
    if not isinstance(value, Mapping):
        return None
    try:
        return EarlyStopping.from_params(value)
    except ParamsError:
        return None

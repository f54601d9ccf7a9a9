"""What can be turned while a run goes on: learning rate and patience; weights stand in a table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.runs.folder.run_folder.run_folder import RunFolder
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.controls import NumberEdit
from engine.core.diagnostic import Refused
from engine.core.schema import ParamsError
from engine.events import ControlTaken
from engine.graph.serialization.file import parse
from engine.recipe.early_stopping import Stopping
from engine.recipe.parser import read_recipe
from engine.recipe.recipe import Recipe

_WIDTHS = {"learning_rate": 104, "patience": 76}


class Dials(QWidget):
    """Two fields that show what holds now, and ask for something else.

    Signals:
        asked: the kind of a request, and its value.
    """

    asked = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._held: tuple[float | None, int | None] = (None, None)
        self.rate = self._field("Learning rate", "learning_rate", minimum=1e-30)
        self.rate.setToolTip(
            "The learning rate, before its schedule. It can be changed while the run goes on: "
            "the next step takes it"
        )
        self.patience = self._field("Patience", "patience", whole=True, minimum=0, optional=True)
        self.patience.setToolTip(
            "Epochs without a better one before the run ends. Empty: it goes on to its last epoch. "
            "It can be changed while the run goes on"
        )
        self.patience.setPlaceholderText("none")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for text, field in (("Learning rate", self.rate), ("Patience", self.patience)):
            label = QLabel(text)
            label.setBuddy(field)
            row.addWidget(label)
            row.addWidget(field)
        row.addStretch(1)
        self.rate.committed.connect(self._on_rate)
        self.patience.committed.connect(self._on_patience)

    def _field(self, name: str, id: str, **bounds: Any) -> NumberEdit:
        field = NumberEdit(None, **bounds)
        field.setObjectName(f"training-{id.replace('_', '-')}")
        field.setAccessibleName(name)
        field.setFixedWidth(_WIDTHS[id])
        return field

    def begin(self, run: Path) -> None:
        """Show what a run began with."""
        rate, rule = _began_with(run)
        self._show(rate, rule)

    def take(self, taken: ControlTaken) -> None:
        """Show what holds from now on."""
        if taken.code:
            return
        rate, patience = self._held
        if taken.request == "learning_rate" and isinstance(taken.value, (int, float)):
            self._held = (float(taken.value), patience)
            self.rate.set_value(taken.value)
        elif taken.request == "stopping":
            self._show(rate, _rule_of(taken.value))

    def restore(self) -> None:
        """Show what holds, after something else was asked for and refused."""
        rate, patience = self._held
        self.rate.set_value(rate)
        self.patience.set_value(patience)

    def _show(self, rate: float | None, rule: Stopping | None) -> None:
        self._held = (rate, None if rule is None else rule.patience)
        self.restore()

    def _on_rate(self, rate: object) -> None:
        self.asked.emit("learning_rate", rate)

    def _on_patience(self, patience: object) -> None:
        self.asked.emit("stopping", None if patience is None else {"patience": patience})


def _began_with(run: Path) -> tuple[float | None, Stopping | None]:
    """Return learning rate and stopping rule of a run's own recipe."""
    try:
        recipe = read_recipe(parse(RunFolder.open(run).graph_bytes()).project.recipe)
    except Refused:
        return None, None
    if not isinstance(recipe, Recipe):
        return None, None
    return recipe.optimizer.learning_rate, recipe.stopping


def _rule_of(plain: object) -> Stopping | None:
    if not isinstance(plain, Mapping):
        return None
    try:
        return Stopping.read(plain)
    except ParamsError:
        return None

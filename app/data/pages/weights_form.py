"""The form of weights: how much each row counts in a loss, and each class of an Output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.controls.inputs.choice import Choice
from app.data.pages.labelled_field import Labelled
from engine.check.report import Report
from engine.layers.io import Output
from engine.recipe.sample_weights import ALL, Weight, Weights, plain_weights, read_weights

_ALIKE = "All count the same"
_EVERY = "As for all outputs"
_ROWS = "A column of numbers from 0; a row of 2 counts twice in the loss. Scores are not weighed."
_ROWS_OF = "For this output alone, another column than for all outputs."
_CLASSES = "Balanced lets each class count the same, however rare it is in the training rows."
_GIVEN = "Each class has a weight of its own, which the inspector of the Output shows."


class WeightForm(QWidget):
    """Shows what rows and classes weigh, and tells of other weights once they are chosen.

    Signals:
        rows_chosen: weights of rows as the file writes them, None where all count the same.
        classes_chosen: an Output, and its class_weight.
    """

    rows_chosen = Signal(object)
    classes_chosen = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, Choice] = {}
        self._classes: dict[str, Choice] = {}
        self._told: dict[str, Labelled] = {}
        self._weights: Weights = {}
        self._shown: tuple[object, ...] = ()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)

    @property
    def rows(self) -> Mapping[str, Choice]:
        """The choices of a column, by Output or under "" for all of them."""
        return self._rows

    @property
    def classes(self) -> Mapping[str, Choice]:
        """The choices of class weights, by Output."""
        return self._classes

    def show_weights(self, plain: Any, report: Report, columns: Sequence[str]) -> bool:
        """Show the weights of a document; answer whether there are other fields than before.

        Args:
            plain: of rows, as the file writes them.
            report: of the document.
            columns: of the data, to choose from.
        """
        outputs = [name for name, head in report.heads.items() if head.loss is not None]
        classed = [name for name in outputs if report.heads[name].form != "number"]
        found = read_weights(plain or {})
        self._weights = found if isinstance(found, dict) else {}
        shown = (outputs, classed, tuple(columns))
        built = shown != self._shown
        if built:
            self._shown = shown
            self._build(outputs, classed, columns)
        for name, box in self._rows.items():
            weight = self._weights.get(name)
            column = None if weight is None else weight.column
            box.show_data(column, f"{column} (not in the data)")
        for name, box in self._classes.items():
            layer = report.shapes.layers.get(name)
            given = layer.class_weight if isinstance(layer, Output) else None
            own = isinstance(given, Mapping)
            box.show_data("given" if own else given, str(given))
            self._told[name].say(_GIVEN if own else _CLASSES)
        return built

    def _build(
        self, outputs: Sequence[str], classed: Sequence[str], columns: Sequence[str]
    ) -> None:
        for old in self.findChildren(Labelled):
            self._layout.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows, self._classes, self._told = {}, {}, {}
        for name in (ALL, *(outputs if len(outputs) > 1 else ())):
            box = self._rows[name] = Choice()
            box.add(_EVERY if name else _ALIKE, None)
            for column in columns:
                box.add(column, column)
            box.activated.connect(self._on_rows_chosen)
            row = Labelled(f"Rows, for {name}" if name else "Weights of rows",
                           _ROWS_OF if name else _ROWS, box)  # fmt: skip
            self._layout.addWidget(row)
        for name in classed:
            box = self._classes[name] = Choice()
            for text, value in (("All the same", None), ("Balanced", "balanced")):
                box.add(text, value)
            box.add("Given one by one", "given")
            box.activated.connect(self._on_classes_chosen)
            self._told[name] = Labelled(f"Classes of {name}", _CLASSES, box)
            self._layout.addWidget(self._told[name])

    def _on_rows_chosen(self) -> None:
        chosen = {name: box.currentData() for name, box in self._rows.items()}
        # A column that is not there can't be chosen, and is kept as it is.
        weights = {
            name: Weight(column=column)
            for name, box in self._rows.items()
            if (column := chosen[name] if box.currentIndex() >= 0 else self._column(name))
        }
        if len(weights) > 1 and ALL in weights:
            every = weights.pop(ALL)
            weights = {name: weights.get(name, every) for name in self._rows if name}
        plain = plain_weights(weights) or None
        if plain != (plain_weights(self._weights) or None):
            self.rows_chosen.emit(plain)

    def _column(self, name: str) -> str | None:
        weight = self._weights.get(name)
        return None if weight is None else weight.column

    def _on_classes_chosen(self) -> None:
        box = self.sender()
        for name, each in self._classes.items():
            if each is box:
                self.classes_chosen.emit(name, each.currentData())

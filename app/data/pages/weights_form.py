"""The form of sample weights and class weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.controls.forms.labeled_field import LabeledField
from app.controls.inputs.combo_box import ComboBox
from app.controls.layout.boxes import clear_layout, column_layout
from engine.check.report import Report
from engine.core.field_text import field_texts
from engine.layers.io import Output
from engine.recipe.sample_weights import (
    ALL_OUTPUTS,
    WeightColumn,
    WeightColumns,
    parse_weight_columns,
    weight_columns_to_json,
)

_EQUAL = "None: all rows have equal weight"
_COMMON = "Common sample weights"
_ROWS = f"{field_texts(WeightColumn)['column'].description} Metrics are not weighted."
_ROWS_OF = "Overrides the common sample weights."
_CLASSES = "Balanced gives all classes the same total weight, even rare ones."
_GIVEN = "A weight per class, set in the inspector of the Output."


class WeightsForm(QWidget):
    """A form that edits sample weights and class weights.

    Signals:
        rows_chosen: the sample weights as JSON of a graph file, None without weights.
        classes_chosen: the name of an Output and the new value of its `class_weight`.
    """

    rows_chosen = Signal(object)  # mapping | None
    classes_chosen = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        # Combo boxes by the name of the Output; "" is the weight column for all Outputs.
        self.sample_weight_fields: dict[str, ComboBox] = {}
        self.class_weight_fields: dict[str, ComboBox] = {}
        self._class_fields: dict[str, LabeledField] = {}
        self._weights: WeightColumns = {}
        self._fields_layout: tuple[object, ...] = ()
        self._layout = column_layout(parent=self, spacing=10)

    def show_weights(self, plain: Any, report: Report, columns: Sequence[str]) -> bool:
        """Show sample weights and class weights. Return whether the fields were rebuilt.

        Fields are rebuilt if the Outputs or `columns`, the columns to choose from, have changed.
        `plain` are the sample weights as in the graph file. `report` has the class weights.
        """
        outputs = [name for name, head in report.heads.items() if head.loss is not None]
        class_outputs = [name for name in outputs if report.heads[name].target_form != "number"]
        weights = parse_weight_columns(plain or {})
        self._weights = weights if isinstance(weights, dict) else {}
        layout = (outputs, class_outputs, tuple(columns))
        is_rebuilt = layout != self._fields_layout
        if is_rebuilt:
            self._fields_layout = layout
            self._build(outputs, class_outputs, columns)
        for name, box in self.sample_weight_fields.items():
            weight = self._weights.get(name)
            column = None if weight is None else weight.column
            box.select_data(column, f"{column} (not in the data)")
        for name, box in self.class_weight_fields.items():
            layer = report.shapes.layers.get(name)
            given = layer.class_weight if isinstance(layer, Output) else None
            is_given = isinstance(given, Mapping)
            box.select_data("given" if is_given else given, str(given))
            self._class_fields[name].set_help(_GIVEN if is_given else _CLASSES)
        return is_rebuilt

    def _build(
        self, names: Sequence[str], class_outputs: Sequence[str], columns: Sequence[str]
    ) -> None:
        clear_layout(self._layout)
        self.sample_weight_fields, self.class_weight_fields, self._class_fields = {}, {}, {}
        for name in (ALL_OUTPUTS, *(names if len(names) > 1 else ())):
            box = self.sample_weight_fields[name] = ComboBox()
            box.add_item(_COMMON if name else _EQUAL, None)
            for column in columns:
                box.add_item(column, column)
            box.activated.connect(self._on_rows_chosen)
            title = f"Sample weights for {name}" if name else "Sample weights"
            self._layout.addWidget(LabeledField(title, _ROWS_OF if name else _ROWS, box))
        for name in class_outputs:
            box = self.class_weight_fields[name] = ComboBox()
            for text, value in (("None", None), ("Balanced", "balanced"), ("Custom", "given")):
                box.add_item(text, value)
            box.activated.connect(self._on_classes_chosen)
            self._class_fields[name] = LabeledField(f"Class weights ({name})", _CLASSES, box)
            self._layout.addWidget(self._class_fields[name])

    def _on_rows_chosen(self) -> None:
        chosen = {name: box.currentData() for name, box in self.sample_weight_fields.items()}
        # A box whose column is missing in the data has no current item; keep that column.
        weights = {
            name: WeightColumn(column=column)
            for name, box in self.sample_weight_fields.items()
            if (column := chosen[name] if box.currentIndex() >= 0 else self._current_column(name))
        }
        if len(weights) > 1 and ALL_OUTPUTS in weights:
            common = weights.pop(ALL_OUTPUTS)
            weights = {
                name: weights.get(name, common) for name in self.sample_weight_fields if name
            }
        plain = weight_columns_to_json(weights) or None
        if plain != (weight_columns_to_json(self._weights) or None):
            self.rows_chosen.emit(plain)

    def _current_column(self, name: str) -> str | None:
        weight = self._weights.get(name)
        return None if weight is None else weight.column

    def _on_classes_chosen(self) -> None:
        box = self.sender()
        for name, choice in self.class_weight_fields.items():
            if choice is box:
                self.classes_chosen.emit(name, choice.currentData())

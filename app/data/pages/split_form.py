"""The form of a split: its kind, and the fields of that kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.controls import NumberEdit
from app.controls.forms.labeled_field import LabeledField
from app.controls.inputs.combo_box import ComboBox
from app.controls.layout.boxes import column_layout
from engine.core.schema import Schema
from engine.recipe.split import (
    SPLITS,
    SUBSETS,
    ColumnSplit,
    FractionSplit,
    SplitSettings,
    parse_split,
)

_NAMES = {
    "random": "Random", "stratified": "Stratified", "group": "By group",
    "time": "Chronological", "column": "From a column",
}  # fmt: skip
_FRACTIONS = {"validation": "Validation fraction", "test": "Test fraction"}


class SplitForm(QWidget):
    """A form that edits how rows are split into training, validation and test rows.

    Signals:
        chosen: the edited split as JSON for the graph file; None for the default split.
    """

    chosen = Signal(object)  # mapping | None

    def __init__(self) -> None:
        super().__init__()
        self._plain: dict[str, Any] = {"kind": "random", "params": {}}
        self._columns: tuple[str, ...] = ()
        self.kind = ComboBox()
        for kind in SPLITS:
            self.kind.add_item(_NAMES[kind], kind, _summary(SPLITS[kind]))
        self.kind.activated.connect(self._on_kind_chosen)
        self._kind_row = LabeledField("Split method", "", self.kind)
        self.column = ComboBox()
        self.column.activated.connect(self._on_column_chosen)
        self._column_row = LabeledField("Column", "", self.column)
        self.fractions = {s: NumberEdit(None, False, 0.0, 0.99, True) for s in _FRACTIONS}
        self.values = {subset: QLineEdit() for subset in SUBSETS}
        rows = column_layout(self._kind_row, self._column_row, parent=self, spacing=10)
        self._fraction_rows, self._value_rows = {}, {}
        for subset, number in self.fractions.items():
            number.committed.connect(self._on_edited)
            text = _field_help(FractionSplit, subset)
            row = self._fraction_rows[subset] = LabeledField(_FRACTIONS[subset], text, number)
            rows.addWidget(row)
        for subset, line in self.values.items():
            line.editingFinished.connect(self._on_edited)
            text = _field_help(ColumnSplit, subset)
            row = self._value_rows[subset] = LabeledField(f"Values for {subset}", text, line)
            rows.addWidget(row)
        self.show_split(None, (), 0.2)

    def show_split(self, plain: Any, columns: Sequence[str], fraction: float) -> None:
        """Show a split.

        Args:
            plain: the split as in the graph file, None for the default. An invalid split is shown
                in part.
            columns: the columns of the data among which the user can choose.
            fraction: the validation fraction in the recipe, shown as the default.
        """
        split = parse_split(plain) if plain is not None else SPLITS["random"]()
        self._plain = _kind_and_params(plain, split)
        kind, params = self._plain["kind"], self._plain["params"]
        cls = SPLITS[kind] if isinstance(kind, str) and kind in SPLITS else None
        self.kind.select_data(kind, str(kind))
        self._kind_row.set_help(_summary(cls) if cls else "Unknown split method.")
        self._show_columns(columns, params.get("column"), cls)
        for subset, number in self.fractions.items():
            value = params.get(subset)
            number.set_value(value if isinstance(value, (int, float)) else None)
            hint = f"{fraction:g} (from training settings)" if subset == "validation" else "0"
            number.setPlaceholderText(hint)
            is_fraction = cls is not None and issubclass(cls, FractionSplit)
            self._fraction_rows[subset].setVisible(is_fraction)
        for subset, line in self.values.items():
            values = params.get(subset, ColumnSplit.model_fields[subset].default)
            if not line.isModified():
                text = ", ".join(map(str, values)) if isinstance(values, list | tuple) else ""
                line.setText(text)
            self._value_rows[subset].setVisible(cls is ColumnSplit)

    def _show_columns(
        self, columns: Sequence[str], chosen: Any, cls: type[SplitSettings] | None
    ) -> None:
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self.column.clear()
            for name in columns:
                self.column.add_item(name, name)
        text = f"{chosen} (not in the data)" if chosen else "Choose a column"
        self.column.select_data(chosen, text)
        has_column = cls is not None and "column" in cls.model_fields
        self._column_row.setVisible(has_column)
        if cls is not None and has_column:
            self._column_row.set_help(_field_help(cls, "column"))

    def _on_kind_chosen(self) -> None:
        kind = self.kind.currentData()
        fields = SPLITS[kind].model_fields
        params = {name: value for name, value in self._plain["params"].items() if name in fields}
        if kind == "column" or self._plain["kind"] == "column":
            params = {name: value for name, value in params.items() if name == "column"}
        if "column" in fields and "column" not in params and self._columns:
            params["column"] = self._columns[-1]
        self._emit_if_changed(kind, params)

    def _on_column_chosen(self) -> None:
        params = {**self._plain["params"], "column": self.column.currentData()}
        self._emit_if_changed(self._plain["kind"], params)

    def _on_edited(self) -> None:
        kind, params = self._plain["kind"], dict(self._plain["params"])
        if kind == "column":
            for subset, line in self.values.items():
                line.setModified(False)
                params[subset] = [word.strip() for word in line.text().split(",") if word.strip()]
        else:
            for name, number in self.fractions.items():
                params.pop(name, None)
                if number.value is not None:
                    params[name] = float(number.value)
        self._emit_if_changed(kind, params)

    def _emit_if_changed(self, kind: str, params: Mapping[str, Any]) -> None:
        plain = _to_file_format({"kind": kind, "params": dict(params)})
        if plain != _to_file_format(self._plain):
            self.chosen.emit(None if plain == "random" else plain)


def _to_file_format(plain: Mapping[str, Any]) -> Any:
    """Return a split as the shortest JSON, such as its kind only. Invalid splits stay unchanged."""
    split = parse_split(plain)
    return SPLITS.to_plain_json(split) if isinstance(split, SplitSettings) else plain


def _kind_and_params(plain: Any, split: Any) -> dict[str, Any]:
    """Return "kind" and "params" of `split`. If it is invalid, return those in the JSON `plain`."""
    if isinstance(split, SplitSettings):
        return {"kind": SPLITS.name_of(split), "params": split.params()}
    if isinstance(plain, Mapping):
        params = plain.get("params")
        params = dict(params) if isinstance(params, Mapping) else {}
        return {"kind": plain.get("kind"), "params": params}
    return {"kind": plain, "params": {}}


def _summary(cls: type[Schema]) -> str:
    return (cls.__doc__ or "").strip().splitlines()[0]


def _field_help(cls: type[Schema], field: str) -> str:
    """Return the description of a schema field, in which "empty" replaces "null"."""
    return (cls.model_fields[field].description or "").replace("null takes", "empty takes")

"""The form of windows: how the rows of time series become windows of past and future steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.controls import NumberEdit
from app.controls.forms.labeled_field import LabeledField
from app.controls.inputs.combo_box import ComboBox
from app.controls.layout.boxes import column_layout
from engine.recipe.windows import Windows

_NAMES = {"by": "Time series by", "group": "Series", "past": "Past steps", "ahead": "Steps ahead"}
_NO_COLUMN = {"by": "None: rows are independent", "group": "A single series"}


class WindowsForm(QWidget):
    """A form that edits the windows of time series.

    `plain` are the windows that are shown, as JSON of a graph file, None for independent rows.

    Signals:
        chosen: the windows that the user has chosen, like `plain`.
    """

    chosen = Signal(object)  # mapping | None

    def __init__(self) -> None:
        super().__init__()
        self.plain: dict[str, Any] | None = None
        self.columns = {field: ComboBox() for field in _NO_COLUMN}
        self.steps = {
            field: NumberEdit(integer=True, minimum=1, optional=True) for field in ("past", "ahead")
        }
        for box in self.columns.values():
            box.activated.connect(self._on_edited)
        for field, number in self.steps.items():
            number.committed.connect(self._on_edited)
            number.setPlaceholderText(str(Windows.model_fields[field].default))
        self._rows = {
            field: LabeledField(_NAMES[field], Windows.model_fields[field].description or "", edit)
            for field, edit in {**self.columns, **self.steps}.items()
        }
        column_layout(*self._rows.values(), parent=self, spacing=10)
        self.show_windows(None, ())

    def show_windows(self, plain: Any, columns: Sequence[str]) -> None:
        """Show windows as in the graph file, None for independent rows, and columns to choose."""
        self.plain = dict(plain) if isinstance(plain, Mapping) else None
        given = self.plain or {}
        for field, box in self.columns.items():
            chosen = given.get(field)
            box.clear()
            box.add_item(_NO_COLUMN[field], None)
            for name in columns:
                if field == "by" or name != given.get("by"):
                    box.add_item(name, name)
            box.select_data(chosen, f"{chosen} (not in the data)")
        for field, number in self.steps.items():
            value = given.get(field)
            number.set_value(value if isinstance(value, int) else None)
        for field, row in self._rows.items():
            row.setVisible(field == "by" or bool(given))

    def _on_edited(self) -> None:
        given = self.plain or {}
        fields = {field: number.value for field, number in self.steps.items()}
        for field, box in self.columns.items():
            fields[field] = given.get(field) if box.currentIndex() < 0 else box.currentData()
        plain = {field: fields[field] for field in _NAMES if fields[field] is not None}
        if plain != given:
            self.chosen.emit(plain if "by" in plain else None)

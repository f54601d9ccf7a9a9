"""The form of windows: how the rows of time series become windows of past and future steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.controls import NumberEdit
from app.controls.inputs.combo_box import ComboBox
from app.controls.layout.boxes import column_layout
from app.data.pages.labeled_field import LabeledField
from engine.recipe.windows import Windows

_COLUMNS = {"by": ("Time", "None: rows are independent"), "group": ("Series", "A single series")}
_STEPS = {"past": "Past steps", "ahead": "Steps ahead", "skip": "Skipped steps"}
_DEFAULT_PAST = 24


class WindowsForm(QWidget):
    """A form that edits the windows of time series.

    Signals:
        chosen: the windows as JSON of a graph file, None for independent rows.
    """

    chosen = Signal(object)  # mapping | None

    def __init__(self) -> None:
        super().__init__()
        self._plain: dict[str, Any] = {}
        self.columns = {field: ComboBox() for field in _COLUMNS}
        self.steps = {
            field: NumberEdit(None, True, 0 if field == "skip" else 1, None, field != "past")
            for field in _STEPS
        }
        self._rows: dict[str, LabeledField] = {}
        for field, box in self.columns.items():
            box.activated.connect(self._on_edited)
            self._rows[field] = LabeledField(_COLUMNS[field][0], _help(field), box)
        for field, number in self.steps.items():
            number.committed.connect(self._on_edited)
            self._rows[field] = LabeledField(_STEPS[field], _help(field), number)
            default = _DEFAULT_PAST if field == "past" else Windows.model_fields[field].default
            number.setPlaceholderText(str(default))
        column_layout(*self._rows.values(), parent=self, spacing=10)
        self.show_windows(None, ())

    def show_windows(self, plain: Any, columns: Sequence[str]) -> None:
        """Show windows.

        Args:
            plain: the windows as in the graph file, None for independent rows.
            columns: the columns of the data among which the user can choose.
        """
        self._plain = dict(plain) if isinstance(plain, Mapping) else {}
        for field, box in self.columns.items():
            chosen = self._plain.get(field)
            box.clear()
            box.add_item(_COLUMNS[field][1], None)
            for name in columns:
                box.add_item(name, name)
            box.select_data(chosen, f"{chosen} (not in the data)")
        for field, number in self.steps.items():
            value = self._plain.get(field)
            number.set_value(value if isinstance(value, int) else None)
        for field, row in self._rows.items():
            row.setVisible(field == "by" or bool(self._plain))

    def _on_edited(self) -> None:
        fields = {
            field: self._plain.get(field) if box.currentIndex() < 0 else box.currentData()
            for field, box in self.columns.items()
        }
        for field, number in self.steps.items():
            fields[field] = None if number.value is None else int(number.value)
        plain = {**self._plain, **fields, "past": fields["past"] or _DEFAULT_PAST}
        plain = {field: value for field, value in plain.items() if value is not None}
        if plain != self._plain and (plain.get("by") or self._plain):
            self.chosen.emit(plain if plain.get("by") else None)


def _help(field: str) -> str:
    return Windows.model_fields[field].description or ""

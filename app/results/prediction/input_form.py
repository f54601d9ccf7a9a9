"""A form made from what a run reads: a field for each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from app.results.prediction.input_field import FieldEdit
from app.results.prediction.input_fields import ArrayField, made
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme


class RowForm(QWidget):
    """All fields of a row.

    Signals:
        edited: a field holds something else than before.
    """

    edited = Signal()

    def __init__(self, theme: Theme, fields: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        self.fields = {str(field["column"]): made(field, theme) for field in fields}
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 6, 0)
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for column, edit in self.fields.items():
            name = QLabel(column)
            name.setTextFormat(Qt.TextFormat.PlainText)
            name.setBuddy(edit)
            if edit.field["port"] != column:
                name.setToolTip(plain_tooltip(f"feeds {edit.field['port']}"))
            form.addRow(name, edit)
            edit.edited.connect(self.edited)

    @property
    def empty(self) -> bool:
        """True while nothing is filled in."""
        return not any(edit.text.strip() for edit in self.fields.values())

    def tell(self, errors: Mapping[str, str], warnings: Mapping[str, str]) -> None:
        """Say below each field what there is to say of its column.

        A field that can't be read says so itself, whatever is told of the others.
        """
        for column, edit in self.fields.items():
            if edit.value is None:
                continue
            if column in errors:
                edit.tell("error", errors[column])
            else:
                edit.tell("warning", warnings.get(column, ""))

    @property
    def focused(self) -> FieldEdit | None:
        """The field that a person types into, None for none."""
        held = self.focusWidget()
        return next((edit for edit in self.fields.values() if edit.focusProxy() is held), None)

    @property
    def texts(self) -> dict[str, str]:
        """What stands in the fields, by column."""
        return {column: edit.text for column, edit in self.fields.items()}

    @property
    def needs_row(self) -> bool:
        """True if some numbers can only be taken from a row of a table."""
        return any(isinstance(edit, ArrayField) for edit in self.fields.values())

    def values(self) -> dict[str, Any] | None:
        """Return what is typed, by column; None if a field can't be read."""
        found = {
            column: edit.value
            for column, edit in self.fields.items()
            if not isinstance(edit, ArrayField)
        }
        return None if None in found.values() else found

    def fill(self, cells: Mapping[str, str]) -> None:
        """Put a row in; it counts as one edit."""
        blocked = self.blockSignals(True)
        for column, text in cells.items():
            if column in self.fields:
                self.fields[column].set_text(str(text))
        self.blockSignals(blocked)
        self.edited.emit()

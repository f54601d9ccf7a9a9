"""A form with an input field for each column that a run needs for a prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QWidget

from app.controls.display.labels import plain_label
from app.results.prediction.input_edit import InputEdit
from app.results.prediction.input_fields import ArrayField, create_input_edit
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme


class InputForm(QWidget):
    """A form with the input fields of one row.

    Signals:
        edited: the content of a field has changed.
    """

    edited = Signal()

    def __init__(self, theme: Theme, fields: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        self.fields = {str(field["column"]): create_input_edit(field, theme) for field in fields}
        form = QFormLayout(self, horizontalSpacing=14, verticalSpacing=8)
        form.setContentsMargins(0, 0, 6, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for column, edit in self.fields.items():
            label = plain_label(column, wrap=False)
            label.setBuddy(edit)
            if edit.schema["port"] != column:
                label.setToolTip(plain_tooltip(f"Input {edit.schema['port']}"))
            form.addRow(label, edit)
            edit.edited.connect(self.edited)

    @property
    def is_empty(self) -> bool:
        """Whether all fields are empty."""
        return not any(edit.text.strip() for edit in self.fields.values())

    def show_messages(self, errors: Mapping[str, str], warnings: Mapping[str, str]) -> None:
        """Show errors and warnings, given by column, below the fields.

        A field with invalid content keeps the message about the invalid content.
        """
        for column, edit in self.fields.items():
            if edit.value is None:
                continue
            if column in errors:
                edit.show_message("error", errors[column])
            else:
                edit.show_message("warning", warnings.get(column, ""))

    @property
    def focused_field(self) -> InputEdit | None:
        """The field that has the focus, None if no field has it."""
        control = self.focusWidget()
        return next((edit for edit in self.fields.values() if edit.focusProxy() is control), None)

    @property
    def texts(self) -> dict[str, str]:
        """The contents of the fields, by column."""
        return {column: edit.text for column, edit in self.fields.items()}

    @property
    def requires_row(self) -> bool:
        """Whether the form has a field that can only be filled from a row of a table."""
        return any(isinstance(edit, ArrayField) for edit in self.fields.values())

    def values(self) -> dict[str, Any] | None:
        """Return the values by column, without array fields; None if any value is invalid."""
        values = {
            column: edit.value
            for column, edit in self.fields.items()
            if not isinstance(edit, ArrayField)
        }
        return None if None in values.values() else values

    def fill(self, cells: Mapping[str, str]) -> None:
        """Fill in the cells of a row, given by column. Emit `edited` once for all fields."""
        blocked = self.blockSignals(True)
        for column, text in cells.items():
            if column in self.fields:
                self.fields[column].set_text(str(text))
        self.blockSignals(blocked)
        self.edited.emit()

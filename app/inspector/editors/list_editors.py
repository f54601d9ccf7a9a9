"""Editors of a list of strings, and of a mapping from names to numbers."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import (
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from app.controls.layout.boxes import clear_layout, column_layout, row_layout
from app.inspector.editors.editor import COMMIT_DELAY_MS, FieldEditor
from app.inspector.editors.line_editors import parse_typed_number
from app.inspector.editors.value_parser import ValueParseError, format_plain_value, is_same_json
from app.inspector.fields.context import InspectorContext
from app.inspector.fields.schema_fields import FormField
from app.theme.icons import icon
from app.theme.style import set_property

_VISIBLE_LINES = 4
MAX_TABLE_ROWS = 100  # maximum number of table rows; further entries are kept, but not shown


class TextListEditor(FieldEditor):
    """An editor of a list of strings, one per line."""

    is_wide = True

    def __init__(self, field: FormField) -> None:
        super().__init__(field)
        self.box = QPlainTextEdit(tabChangesFocus=True, placeholderText="one per line")
        self.box.setFixedHeight(self.box.fontMetrics().lineSpacing() * _VISIBLE_LINES + 14)
        self.set_control(self.box)
        self._value: Any = None
        self._commit_timer = QTimer(self, singleShot=True, interval=COMMIT_DELAY_MS)
        self._commit_timer.timeout.connect(self._apply_input)
        self.box.textChanged.connect(self._on_text_changed)
        self.box.installEventFilter(self)

    def show_value(self, value: Any, is_given: bool) -> None:
        """Show strings (a default unless `is_given`). Keep typed text if `value` is unchanged."""
        set_property(self.box, "unset", not is_given)
        if is_same_json(value, self._value):
            return
        self._value = value
        self._commit_timer.stop()
        values = value if isinstance(value, list) else [value or ""]
        text = "\n".join(map(format_plain_value, values))
        self.box.blockSignals(True)
        self.box.setPlainText(text)
        self.box.blockSignals(False)

    def commit(self) -> None:
        if self._commit_timer.isActive():
            self._commit_timer.stop()
            self._apply_input()
        self.edit_finished.emit()

    def _apply_input(self) -> None:
        lines = [line.strip() for line in self.box.toPlainText().splitlines() if line.strip()]
        value = lines or (None if self.field.optional else [])
        if not is_same_json(value, self._value):
            self._value = value
            self.edited.emit(value)

    def _on_text_changed(self) -> None:
        self._commit_timer.start()

    def has_pending_edit(self) -> bool:
        return self._commit_timer.isActive()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.commit()
        return super().eventFilter(watched, event)


class WeightTableEditor(FieldEditor):
    """A table that edits a mapping from names to numbers.

    Instead of a mapping, the value can be a string. There is a button for each accepted string.
    Rows without a name or a number are ignored.
    """

    is_wide = True

    def __init__(self, field: FormField, context: InspectorContext) -> None:
        super().__init__(field)
        self._context = context
        self._value: Any = None
        self._suggestions: tuple[str, ...] = ()
        self._rows: list[tuple[QLineEdit, QLineEdit]] = []
        self._table = QWidget()
        self._grid = QGridLayout(self._table, spacing=4)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(0, 1)
        self._add = QPushButton("Add class weight", icon=icon(context.theme, "add", "dim"))
        self._add.clicked.connect(self._on_add_clicked)
        self.control = self._add
        self.choice_buttons = {choice: self._choice_button(choice) for choice in field.choices}
        row = row_layout(self._add, *self.choice_buttons.values(), stretch=self._add)
        column_layout(self._table, row, parent=self, spacing=4)
        self.setFocusProxy(self._add)

    def _choice_button(self, choice: str) -> QPushButton:
        button = QPushButton(choice.capitalize(), checkable=True, toolTip=self.field.help)
        button.setProperty("choice", choice)
        button.clicked.connect(self._on_choice_clicked)
        return button

    def set_suggestions(self, names: tuple[str, ...]) -> None:
        """Set the names that are suggested for new rows."""
        self._suggestions = names

    def show_value(self, value: Any, is_given: bool) -> None:
        """Show a mapping as table rows, a string by a checked choice button; ignore `is_given`."""
        for choice, button in self.choice_buttons.items():
            button.setChecked(value == choice)
        if is_same_json(value, self._value):
            return
        self._value = value
        self.rejected.emit("")
        table = dict(islice(value.items(), MAX_TABLE_ROWS)) if isinstance(value, Mapping) else {}
        if list(table) != [name.text() for name, _ in self._rows]:
            self._remove_rows()
            for name in table:
                self._add_row(name)
        for (_, number), weight in zip(self._rows, table.values(), strict=True):
            number.setText(format_plain_value(weight))

    def set_invalid(self, is_invalid: bool) -> None:
        """Do nothing: the base class would mark the button that adds rows, which has no error."""

    def commit(self) -> None:
        """Commit the rows that have a name and a number, if a row was edited."""
        if any(part.isModified() for row in self._rows for part in row):
            self._apply_input()

    def _apply_input(self) -> None:
        try:
            table = self._parse_rows()
        except ValueParseError as error:
            self.rejected.emit(str(error))
            return
        self.rejected.emit("")
        value = table or (None if self.field.optional else {})
        if not is_same_json(value, self._value):
            self._value = value
            self.emit_step(value)

    def _parse_rows(self) -> dict[str, Any]:
        """Return the weights by class, as edited in the rows. Unedited weights stay exact.

        Raises:
            ValueParseError: a number is invalid.
        """
        previous = self._value if isinstance(self._value, Mapping) else {}
        table: dict[str, Any] = {}
        for name, number in self._rows:
            key = name.text().strip()
            if key in previous and not number.isModified():
                table[key] = previous[key]
            elif key and number.text().strip():
                table[key] = parse_typed_number(number.text(), minimum=0)
        return {**table, **dict(islice(previous.items(), MAX_TABLE_ROWS, None))}

    def _remove_rows(self) -> None:
        self._rows.clear()
        clear_layout(self._grid)

    def _add_row(self, text: str) -> QLineEdit:
        row = len(self._rows)
        name, number, remove = QLineEdit(text), QLineEdit(), QToolButton()
        name.setPlaceholderText("class")
        name.setAccessibleName(f"Class {row + 1}")
        number.setPlaceholderText("weight")
        number.setAccessibleName(f"Weight of {text or f'class {row + 1}'}")
        number.setFixedWidth(80)
        remove.setIcon(icon(self._context.theme, "close", "dim"))
        remove.setAccessibleName(f"Remove {text or f'class {row + 1}'}")
        remove.setToolTip("Remove this class weight")
        remove.setAutoRaise(True)
        for grid_column, widget in enumerate((name, number, remove)):
            self._grid.addWidget(widget, row, grid_column)
        self._rows.append((name, number))
        name.editingFinished.connect(self.commit)
        number.editingFinished.connect(self.commit)
        remove.setProperty("row", row)
        remove.clicked.connect(self._on_remove_clicked)
        return name

    def _on_choice_clicked(self) -> None:
        choice = str(self.sender().property("choice"))
        self.emit_step(choice if self.choice_buttons[choice].isChecked() else None)

    def _on_add_clicked(self) -> None:
        used = {name.text() for name, _ in self._rows}
        unused = next((name for name in self._suggestions if name not in used), "")
        name = self._add_row(unused)
        (self._rows[-1][1] if unused else name).setFocus()

    def _on_remove_clicked(self) -> None:
        name, number = self._rows[int(self.sender().property("row"))]
        name.clear()
        number.clear()
        self._apply_input()
        self._remove_rows()
        value, self._value = self._value, ()
        self.show_value(value, is_given=True)

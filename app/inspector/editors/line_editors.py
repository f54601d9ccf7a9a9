"""Single-line editors: one for a value that is parsed from text, one for a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from app.controls import NumberEdit
from app.controls.inputs.number_text import format_number, parse_number, range_error
from app.inspector.editors.editor import COMMIT_DELAY_MS, FieldEditor
from app.inspector.editors.value_parser import ValueParseError, format_plain_value, is_same_json
from app.inspector.fields.schema_fields import NULL_TEXT, FormField
from app.theme.style import set_property


class TextEditor(FieldEditor):
    """An editor of a value as text. `read` parses the text, `write` formats a value as text."""

    def __init__(
        self,
        field: FormField,
        read: Callable[[str], Any] = str,
        write: Callable[[Any], str] = format_plain_value,
        hint: str = "",
    ) -> None:
        super().__init__(field)
        self._parse, self._format = read, write
        self._value: Any = None
        self._is_unset = True
        self.line = QLineEdit(placeholderText=hint)
        self.set_control(self.line)
        self._commit_timer = QTimer(self, singleShot=True, interval=COMMIT_DELAY_MS)
        self._commit_timer.timeout.connect(self._apply_text)
        self.line.textEdited.connect(self._on_text_edited)
        self.line.editingFinished.connect(self.commit)
        self.line.installEventFilter(self)

    def show_value(self, value: Any, is_given: bool) -> None:
        """Show a value (a default unless `is_given`). Keep typed text if `value` is unchanged."""
        set_property(self.line, "unset", not is_given)
        if self._is_unset or not is_same_json(value, self._value):
            self._is_unset, self._value = False, value
            self._commit_timer.stop()
            self._reset_text()
            self.rejected.emit("")

    def commit(self) -> None:
        """Commit pending input. If the input is invalid, emit `rejected` and keep the text."""
        if not self.line.isModified():
            return
        self._commit_timer.stop()
        if self._apply_text(report_error=True):
            self._reset_text()
            self.edit_finished.emit()

    def _reset_text(self) -> None:
        text = "" if self._value is None else self._format(self._value)
        if text != self.line.text():
            self.line.setText(text)
        self.line.setModified(False)

    def _apply_text(self, report_error: bool = False) -> bool:
        try:
            value = self._parse(self.line.text())
        except ValueParseError as error:
            if report_error:
                self.rejected.emit(str(error))
            return False
        self.rejected.emit("")
        if not is_same_json(value, self._value):
            self._value = value
            self.edited.emit(value)
        return True

    def _on_text_edited(self) -> None:
        self._commit_timer.start()

    def has_pending_edit(self) -> bool:
        return self.line.isModified()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        can_discard = event.type() == QEvent.Type.KeyPress and self.has_pending_edit()
        if can_discard and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self._commit_timer.stop()
            self._reset_text()
            self.rejected.emit("")
            return True
        return super().eventFilter(watched, event)


class NumberEditor(FieldEditor):
    """An editor of a number. An invalid value in the document is shown as text."""

    def __init__(self, field: FormField) -> None:
        super().__init__(field)
        self._value: Any = None
        self._is_unset = True
        bounds = (field.minimum, field.maximum)
        self.number = NumberEdit(None, field.is_integer, *bounds, optional=field.optional)
        self.number.setPlaceholderText(NULL_TEXT if field.optional else "required")
        self.set_control(self.number)
        self.number.committed.connect(self._on_committed)
        self.number.rejected.connect(self._on_rejected)
        self.number.textEdited.connect(self._on_text_edited)
        self.number.reverted.connect(self._on_text_edited)
        self.number.editingFinished.connect(self.edit_finished)
        self.number.installEventFilter(self)

    def show_value(self, value: Any, is_given: bool) -> None:
        """Show a number (a default unless `is_given`). Keep typed text if `value` is unchanged."""
        set_property(self.number, "unset", not is_given)
        if not self._is_unset and is_same_json(value, self._value):
            return
        self._is_unset, self._value = False, value
        self.rejected.emit("")
        if value is None or self._is_exact(value):
            self.number.set_value(value)
        else:
            self.number.set_value(None)
            self.number.setText(format_plain_value(value))

    def commit(self) -> None:
        if self.number.isModified():
            self.number.editingFinished.emit()

    def has_pending_edit(self) -> bool:
        return self.number.text() != format_number(self.number.value)

    def _is_exact(self, value: object) -> bool:
        """Return whether a value is a number that the editor shows exactly."""
        if type(value) not in (int, float):
            return False
        try:
            number = float(value)  # type: ignore[arg-type]
        except OverflowError:
            return False
        return number.is_integer() or not self.field.is_integer

    def _on_committed(self, value: Any) -> None:
        self._value = value
        self.rejected.emit("")
        self.edited.emit(value)

    def _on_rejected(self, reason: str) -> None:
        # An invalid value from the file was not typed; the check of the graph reports it.
        if self.number.isModified():
            self.rejected.emit(reason)

    def _on_text_edited(self) -> None:
        self.rejected.emit("")


def parse_typed_number(text: str, minimum: float | None = None) -> int | float:
    """Return the number that a text represents.

    Raises:
        ValueParseError: the text is not a number, or the number is below the minimum.
    """
    try:
        number = parse_number(text, integer=False)
    except ValueError as error:
        raise ValueParseError(str(error)) from None
    if problem := range_error(number, minimum, None):
        raise ValueParseError(problem)
    return number

"""The editor of one number."""

from __future__ import annotations

from typing import Any

from app.controls import NumberEdit
from app.controls.numbers import outside, read, write
from app.inspector.editor import NOTHING, Editor, set_property
from app.inspector.fields import Field
from app.inspector.values import Unreadable, same, shown


def read_number(text: str, whole: bool = False, minimum: float | None = None) -> int | float:
    """Answer the number that a person typed.

    Raises:
        Unreadable: it is none, or one below the minimum.
    """
    try:
        number = read(text, whole)
    except ValueError as refusal:
        raise Unreadable(str(refusal)) from None
    if problem := outside(number, minimum, None):
        raise Unreadable(problem)
    return number


class NumberEditor(Editor):
    """A number, typed or stepped. A value in the file that is no number is shown as it is."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._held: Any = None
        self._fresh = True
        self.number = NumberEdit(
            None, field.whole, _least(field), _most(field), optional=field.optional
        )
        self.number.setPlaceholderText(NOTHING if field.optional else "required")
        self.hold(self.number)
        self.number.committed.connect(self._on_committed)
        self.number.rejected.connect(self._on_rejected)
        self.number.textEdited.connect(self._on_text_edited)
        self.number.editingFinished.connect(self.settled)
        self.number.installEventFilter(self)

    def show_value(self, value: Any, given: bool) -> None:
        """Show a number; what is being typed stays while the document's number does."""
        set_property(self.number, "unset", not given)
        if not self._fresh and same(value, self._held):
            return
        self._fresh, self._held = False, value
        self.refused.emit("")
        if value is None or (type(value) in (int, float) and not self._cut(value)):
            self.number.set_value(value)
        else:
            self.number.set_value(None)
            self.number.setText(shown(value))

    def commit(self) -> None:
        """Take what was typed."""
        if self.number.isModified():
            self.number.editingFinished.emit()

    def pending(self) -> bool:
        """Answer whether something was typed and not taken."""
        return self.number.text() != write(self.number.value)

    def _cut(self, value: float) -> bool:
        """Answer whether a field of whole numbers would lose a part of it."""
        return self.field.whole and not float(value).is_integer()

    def _on_committed(self, value: Any) -> None:
        self._held = value
        self.refused.emit("")
        self.typed.emit(value)

    def _on_rejected(self, reason: str) -> None:
        # A wrong value of the file, which nobody typed, is left to the checks: they know a way out.
        if self.number.isModified():
            self.refused.emit(reason)

    def _on_text_edited(self) -> None:
        self.refused.emit("")


def _least(field: Field) -> float | None:
    """Answer the bound for typing; one that does not belong to it is left to the checks."""
    return field.minimum if field.minimum is not None else field.above


def _most(field: Field) -> float | None:
    return field.maximum if field.maximum is not None else field.below

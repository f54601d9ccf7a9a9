"""Editors that are one line: a text that stands for a value, and a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from app.controls import NumberEdit
from app.controls.inputs.number_list import outside, read, write
from app.inspector.editors.editor import PAUSE, Editor
from app.inspector.editors.value_parser import Unreadable, same, shown
from app.inspector.fields.schema_fields import NOTHING, Field
from app.theme.style import set_property


class LineEditor(Editor):
    """A line of text that stands for a value."""

    def __init__(
        self,
        field: Field,
        read: Callable[[str], Any] = str,
        write: Callable[[Any], str] = shown,
        hint: str = "",
    ) -> None:
        super().__init__(field)
        self._read, self._write = read, write
        self._held: Any = None
        self._fresh = True
        self.line = QLineEdit()
        self.line.setPlaceholderText(hint)
        self.hold(self.line)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._take)
        self.line.textEdited.connect(self._on_text_edited)
        self.line.editingFinished.connect(self.commit)
        self.line.installEventFilter(self)

    def show_value(self, value: Any, given: bool) -> None:
        """Show a value; what is being typed stays while the document's value does."""
        set_property(self.line, "unset", not given)
        if self._fresh or not same(value, self._held):
            self._fresh, self._held = False, value
            self._pause.stop()
            self._rewrite()
            self.refused.emit("")

    def commit(self) -> None:
        """Take what was typed; where it is no value say so, and leave it standing."""
        if not self.line.isModified():
            return
        self._pause.stop()
        if self._take(aloud=True):
            self._rewrite()
            self.settled.emit()

    def _rewrite(self) -> None:
        text = "" if self._held is None else self._write(self._held)
        if text != self.line.text():
            self.line.setText(text)
        self.line.setModified(False)

    def _take(self, aloud: bool = False) -> bool:
        try:
            value = self._read(self.line.text())
        except Unreadable as reason:
            if aloud:
                self.refused.emit(str(reason))
            return False
        self.refused.emit("")
        if not same(value, self._held):
            self._held = value
            self.typed.emit(value)
        return True

    def _on_text_edited(self) -> None:
        self._pause.start()

    def pending(self) -> bool:
        """Return whether something was typed and not taken."""
        return self.line.isModified()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take typing back at Escape."""
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self.pending()
        ):
            self._pause.stop()
            self._rewrite()
            self.refused.emit("")
            return True
        return super().eventFilter(watched, event)


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
        self.number.restored.connect(self._on_text_edited)
        self.number.editingFinished.connect(self.settled)
        self.number.installEventFilter(self)

    def show_value(self, value: Any, given: bool) -> None:
        """Show a number; what is being typed stays while the document's number does."""
        set_property(self.number, "unset", not given)
        if not self._fresh and same(value, self._held):
            return
        self._fresh, self._held = False, value
        self.refused.emit("")
        if value is None or self._fits(value):
            self.number.set_value(value)
        else:
            self.number.set_value(None)
            self.number.setText(shown(value))

    def commit(self) -> None:
        """Take what was typed."""
        if self.number.isModified():
            self.number.editingFinished.emit()

    def pending(self) -> bool:
        """Return whether something was typed and not taken."""
        return self.number.text() != write(self.number.value)

    def _fits(self, value: object) -> bool:
        """Return whether the field can hold a value, and lose no part of it."""
        if type(value) not in (int, float):
            return False
        try:
            number = float(value)  # type: ignore[arg-type]
        except OverflowError:
            return False
        return number.is_integer() or not self.field.whole

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
    """Return the bound for typing; one that does not belong to it is left to the checks."""
    return field.minimum if field.minimum is not None else field.above


def _most(field: Field) -> float | None:
    return field.maximum if field.maximum is not None else field.below


def read_number(text: str, whole: bool = False, minimum: float | None = None) -> int | float:
    """Return the number that a person typed.

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

"""The base class of field editors."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from app.controls.layout.boxes import row_layout
from app.inspector.fields.schema_fields import FormField
from app.theme.style import set_property

COMMIT_DELAY_MS = 400  # milliseconds after the last key until typed text is applied

_CTRL = Qt.KeyboardModifier.ControlModifier
_STANDARD_KEY = QKeySequence.StandardKey
_UNDO_KEYS = (_STANDARD_KEY.Undo, _STANDARD_KEY.Redo)
_TEXT_KEYS = (_STANDARD_KEY.Copy, _STANDARD_KEY.Cut, _STANDARD_KEY.Paste, _STANDARD_KEY.SelectAll)


class FieldEditor(QWidget):
    """Base of widgets that show the value of one field, and emit the values that the user sets.

    Signals:
        edited: a new value. All values until `edit_finished` form one undo step.
        edit_finished: the series of values has ended.
        rejected: why the typed text is invalid, "" if the text is valid again.
    """

    edited = Signal(object)  # any value of JSON
    edit_finished = Signal()
    rejected = Signal(str)
    is_wide = False  # whether the editor is placed below its label instead of next to it
    # The part of a wide editor that is placed next to the label.
    label_side_widget: QWidget | None = None

    def __init__(self, field: FormField) -> None:
        super().__init__()
        self.field = field
        self.control: QWidget = self

    def show_value(self, value: Any, is_given: bool) -> None:
        """Show a value. `is_given` is False if it is the default because the document sets none."""
        raise NotImplementedError(type(self).__name__)

    def emit_step(self, value: Any) -> None:
        """Emit a value that forms an undo step of its own, such as a choice from a list."""
        self.edit_finished.emit()
        self.edited.emit(value)
        self.edit_finished.emit()

    def commit(self) -> None:
        """Emit pending input if it is new and valid, and end the series of typed values."""

    def has_pending_edit(self) -> bool:
        """Return whether there is edited text that is not committed yet."""
        return False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Commit the pending input before a Ctrl shortcut is carried out.

        Copy, cut, paste and select all don't commit. If input is pending, undo and redo change the
        typed text. Otherwise, the window handles undo and redo.
        """
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if any(event.matches(key) for key in _UNDO_KEYS):
                if not self.has_pending_edit():
                    event.ignore()
                    return True
            elif event.modifiers() & _CTRL and not any(event.matches(key) for key in _TEXT_KEYS):
                self.commit()
        return False

    def set_invalid(self, is_invalid: bool) -> None:
        """Set whether the control is drawn as invalid."""
        set_property(self.control, "invalid", is_invalid)

    def set_control(self, control: QWidget) -> None:
        """Fill the editor with a single control."""
        self.control = control
        control.setAccessibleName(self.field.label)
        row_layout(control, parent=self)
        self.setFocusProxy(control)

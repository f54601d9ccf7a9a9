"""What every editor of one value is, and how its widgets are put in their places."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.inspector.fields.schema_fields import Field
from app.theme.style import set_property

PAUSE = 400  # milliseconds without a key after which what was typed is taken

_CONTROL = Qt.KeyboardModifier.ControlModifier
_KEY = QKeySequence.StandardKey
_UNDO = (_KEY.Undo, _KEY.Redo)
_TEXT = (_KEY.Copy, _KEY.Cut, _KEY.Paste, _KEY.SelectAll)


class Editor(QWidget):
    """Edits one value. It shows what the document has, and says what the person means.

    Signals:
        edited: a new value, a step by itself.
        typed: a new value, one of a row that makes one step until `settled`.
        settled: the row of typed values has ended.
        refused: why what stands in it is no value; "" when it is one again.
    """

    edited = Signal(object)
    typed = Signal(object)
    settled = Signal()
    refused = Signal(str)
    wide = False  # stands below its label instead of beside it
    aside: QWidget | None = None  # the part of a wide one that stands beside the label all the same

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.control: QWidget = self

    def show_value(self, value: Any, given: bool) -> None:
        """Show the document's value, or where none is given the default."""
        raise NotImplementedError(type(self).__name__)

    def commit(self) -> None:
        """Hand in what has been typed and not been taken yet."""

    def pending(self) -> bool:
        """Return whether something was typed and not taken."""
        return False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the window's keys see what was typed, and leave undo to it where nothing was."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if any(event.matches(key) for key in _UNDO):
                if not self.pending():
                    event.ignore()
                    return True
            elif event.modifiers() & _CONTROL and not any(event.matches(key) for key in _TEXT):
                self.commit()
        return False

    def mark(self, wrong: bool) -> None:
        """Draw the control as wrong, or as right again."""
        set_property(self.control, "invalid", wrong)

    def hold(self, control: QWidget) -> None:
        """Be nothing but this control."""
        self.control = control
        control.setAccessibleName(self.field.label)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(control)
        self.setFocusProxy(control)


def column(widget: QWidget, spacing: int = 4) -> QVBoxLayout:
    """Return a layout without margins for a widget."""
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    return layout

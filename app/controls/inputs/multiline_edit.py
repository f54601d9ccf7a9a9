"""A field for several lines of plain text, as high as its text."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.controls.inputs.focus import TEMPORARY_REASONS

_EXTRA_HEIGHT = 2  # pixels, or Qt shows a scroll bar
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class MultilineEdit(QPlainTextEdit):
    """A text field that Ctrl+Enter or a loss of the focus commits, and that Escape reverts.

    Signals:
        committed: editing has ended; read the text.
        reverted: Escape was pressed.
    """

    committed = Signal()
    reverted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, tabChangesFocus=True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def fitting_height(self) -> int:
        """Return the height that shows all lines at the current width and font."""
        first, last = self.document().firstBlock(), self.document().lastBlock()
        text = self.blockBoundingGeometry(first) | self.blockBoundingGeometry(last)
        margins = self.contentsMargins()  # with frame and padding
        margin = self.document().documentMargin() + margins.top() + margins.bottom()
        return ceil(text.height() + margin) + _EXTRA_HEIGHT

    def event(self, event: QEvent) -> bool:
        """Keep the keys of the field from the shortcuts of the window."""
        is_shortcut = event.type() == QEvent.Type.ShortcutOverride
        if is_shortcut and isinstance(event, QKeyEvent) and self.is_own_key(event):
            event.accept()
            return True
        return super().event(event)

    def is_own_key(self, event: QKeyEvent) -> bool:
        return event.key() in _ENTER_KEYS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER_KEYS and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.committed.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.reverted.emit()
            event.ignore()  # the window's Escape goes on, such as to restore a maximized panel
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in TEMPORARY_REASONS:
            self.committed.emit()

"""The search bar of the source panel."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from app.controls import SearchEdit
from app.controls.display.labels import plain_label
from app.controls.layout.boxes import row_layout
from app.theme.theme import Theme

_BACKWARD = QTextDocument.FindFlag.FindBackward
_FORWARD = QTextDocument.FindFlag(0)


class SourceFindBar(QWidget):
    """A search field and a match counter.

    The Return key selects the next match, Shift+Return the previous one. Typing searches as well.
    After the last match, the search continues at the other end of the text.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: QPlainTextEdit | None = None
        self.field = SearchEdit(theme, "Find in the text", self)
        self.count_label = plain_label("", "dim", wrap=False)
        self.count_label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = row_layout(parent=self, spacing=6)
        row.addWidget(self.field, 2)
        row.addWidget(self.count_label, 1)
        self.field.textEdited.connect(self._on_text_edited)
        self.field.textChanged.connect(self._update_count)

    def set_view(self, view: QPlainTextEdit) -> None:
        """Set the text view in which the find bar searches."""
        self._view = view
        self._update_count()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Find the next (previous) match on Return (Shift+Return). Escape focuses the text view."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            is_backward = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._find(_BACKWARD if is_backward else _FORWARD)
        elif event.key() == Qt.Key.Key_Escape and self._view is not None:
            self._view.setFocus()
        else:
            super().keyPressEvent(event)

    def _find(self, direction: QTextDocument.FindFlag) -> None:
        """Select the next match in a direction. After the last match, continue at the other end."""
        pattern = self.field.text()
        if self._view is not None and pattern and not self._view.find(pattern, direction):
            previous = self._view.textCursor()
            move = QTextCursor.MoveOperation
            self._view.moveCursor(move.End if direction == _BACKWARD else move.Start)
            if not self._view.find(pattern, direction):
                self._view.setTextCursor(previous)
        self._update_count()

    def _on_text_edited(self) -> None:
        if self._view is not None:
            # Search from the start of the current match, since a longer pattern may match there.
            cursor = self._view.textCursor()
            cursor.setPosition(cursor.selectionStart())
            self._view.setTextCursor(cursor)
        self._find(_FORWARD)

    def _update_count(self) -> None:
        pattern = self.field.text().casefold()
        if self._view is None or not pattern:
            self.count_label.clear()
            return
        text = self._view.toPlainText().casefold()
        count = text.count(pattern)
        cursor = self._view.textCursor()
        number = text.count(pattern, 0, cursor.selectionEnd()) if cursor.hasSelection() else 0
        self.count_label.setText(f"{number} of {count}" if count else "Nothing found")

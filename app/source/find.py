"""Finds words in a text: a field, and how many there are."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QSizePolicy, QWidget

from app.controls import SearchEdit
from app.theme.theme import Theme

_BACK = QTextDocument.FindFlag.FindBackward
_ON = QTextDocument.FindFlag(0)


class FindBar(QWidget):
    """A field that finds as one types; Return goes on, Shift+Return back, both round the end."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: QPlainTextEdit | None = None
        self.field = SearchEdit(theme, "Find in the text", self)
        self.told = QLabel(self)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setProperty("role", "dim")
        self.told.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.field, 2)
        row.addWidget(self.told, 1)
        self.field.textEdited.connect(self._on_text_edited)
        self.field.textChanged.connect(self._tell)

    def look_in(self, view: QPlainTextEdit) -> None:
        """Find in another text from now on."""
        self._view = view
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._find(_BACK if back else _ON)
        elif event.key() == Qt.Key.Key_Escape and self._view is not None:
            self._view.setFocus()
        else:
            super().keyPressEvent(event)

    def _find(self, way: QTextDocument.FindFlag) -> None:
        words = self.field.text()
        if self._view is not None and words and not self._view.find(words, way):
            before = self._view.textCursor()
            end = QTextCursor.MoveOperation.End if way == _BACK else QTextCursor.MoveOperation.Start
            self._view.moveCursor(end)
            if not self._view.find(words, way):
                self._view.setTextCursor(before)
        self._tell()

    def _on_text_edited(self) -> None:
        if self._view is not None:
            cursor = self._view.textCursor()
            cursor.setPosition(cursor.selectionStart())
            self._view.setTextCursor(cursor)
        self._find(_ON)

    def _tell(self) -> None:
        words = self.field.text().casefold()
        if self._view is None or not words:
            self.told.clear()
            return
        text = self._view.toPlainText().casefold()
        number = text.count(words)
        here = self._view.textCursor()
        at = text.count(words, 0, here.selectionEnd()) if here.hasSelection() else 0
        self.told.setText(f"{at} of {number}" if number else "Nothing found")

"""A search field that filters a list."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.theme import icons
from app.theme.theme import Theme


class SearchEdit(QLineEdit):
    """A line edit with a search icon and, when it has text, a clear button.

    Escape clears the text; if the field is empty, the parent receives Escape.
    """

    def __init__(self, theme: Theme, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, placeholderText=placeholder)
        self.setToolTip(placeholder)  # since the placeholder is cut off in a narrow panel
        self.setAccessibleName(placeholder.rstrip(".… "))
        position = QLineEdit.ActionPosition
        self.addAction(icons.icon(theme, "search", "dim"), position.LeadingPosition)
        self._clear = self.addAction(icons.icon(theme, "close", "dim"), position.TrailingPosition)
        self._clear.setToolTip("Clear")
        self._clear.setText("Clear")
        self._clear.setVisible(False)
        self._clear.triggered.connect(self.clear)
        self.textChanged.connect(self._on_text_changed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def _on_text_changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))

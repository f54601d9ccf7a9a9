"""Hints on the canvas: a text beside the pointer, and the text of an empty canvas."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.controls import EmptyState
from app.theme.style import set_property
from app.theme.theme import Theme

_HINT_PADDING = 28


class PointerHint(QLabel):
    """A label beside the pointer, such as the reason why a wire can't be connected."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas, objectName="pointer-hint", textFormat=Qt.TextFormat.PlainText)
        self._canvas = canvas
        self.setWordWrap(True)
        self.setMaximumWidth(340)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_text(self, text: str, position: QPoint, is_rejected: bool = False) -> None:
        """Show a text near a position, within the canvas.

        `is_rejected` is whether the text is the reason why an action is rejected.
        """
        set_property(self, "rejected", is_rejected)
        if self.text() != text:
            self.setText(text)
            self._resize_to_text()
        x = min(position.x() + 18, self._canvas.width() - self.width() - 8)
        y = min(position.y() + 18, self._canvas.height() - self.height() - 8)
        self.move(max(x, 8), max(y, 8))
        self.show()
        self.raise_()

    def _resize_to_text(self) -> None:
        """Resize to the longest line, up to the maximum width."""
        self.ensurePolished()
        lines = self.text().splitlines()
        widest = max(map(self.fontMetrics().horizontalAdvance, lines), default=0)
        width = min(widest + _HINT_PADDING, self.maximumWidth())
        self.resize(width, self.heightForWidth(width))


def empty_canvas_hint(theme: Theme, canvas: QWidget) -> QWidget:
    """Return the overlay shown on an empty canvas."""
    empty = EmptyState(
        theme,
        "add",
        "No nodes yet",
        "Press Tab, or drag a layer from the Layers panel.\n"
        "A network begins at an Input and ends at Outputs.\n"
        "File > Start from data creates a network for a table.",
    )
    empty.setParent(canvas)
    empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return empty

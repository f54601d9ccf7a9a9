"""What the canvas says in words: a text beside the pointer, and how to begin."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.controls import EmptyState
from app.theme.style import set_property
from app.theme.theme import Theme

_HINT_PADDING = 28


class PointerHint(QLabel):
    """A text beside the pointer, such as why a wire can't be drawn."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setObjectName("pointer-hint")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setMaximumWidth(340)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def say(self, text: str, at: QPoint, refused: bool = False) -> None:
        """Show a text near a place of the canvas, and inside of it."""
        set_property(self, "refused", refused)
        if self.text() != text:
            self.setText(text)
            self._fit()
        x = min(at.x() + 18, self._canvas.width() - self.width() - 8)
        y = min(at.y() + 18, self._canvas.height() - self.height() - 8)
        self.move(max(x, 8), max(y, 8))
        self.show()
        self.raise_()

    def hush(self) -> None:
        """Say nothing any more."""
        self.hide()

    def _fit(self) -> None:
        """Be as wide as the longest line asks for, where that is not too wide."""
        self.ensurePolished()
        lines = self.text().splitlines()
        widest = max(map(self.fontMetrics().horizontalAdvance, lines), default=0)
        width = min(widest + _HINT_PADDING, self.maximumWidth())
        self.resize(width, self.heightForWidth(width))


def how_to_begin(theme: Theme, canvas: QWidget) -> QWidget:
    """Return what an empty canvas says, in front of it."""
    empty = EmptyState(
        theme,
        "add",
        "Nothing is drawn yet",
        "Press Tab, or drag a layer from the Layers panel.\n"
        "A network begins at an Input and ends at Outputs.\n"
        "File > Start from data draws one for a table.",
    )
    empty.setParent(canvas)
    empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return empty

"""A list to choose from."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox

_LONGEST = 24  # letters of a value that is none of a box's


class Choice(QComboBox):
    """A combo box that a wheel passing over it does not change."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumContentsLength(4)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the form, unless the person is in the box."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def add(self, text: str, data: object, tip: str = "") -> None:
        """Put an item at the end."""
        self.addItem(text, data)
        if tip:
            self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)

    def show_data(self, data: object, text: str) -> None:
        """Show the item of some data; data that is no item is shown as `text`, chosen by none."""
        at = next((row for row in range(self.count()) if self.itemData(row) == data), -1)
        if self.currentIndex() != at or at < 0:
            self.setCurrentIndex(at)
        # A box asks for as much room as its placeholder, however long that is.
        self.setPlaceholderText(_shortened(text) if at < 0 else "")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."

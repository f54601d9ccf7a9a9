"""A combo box for forms."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox

_MIN_WIDTH = 96  # pixels, so that a label and a box fit a panel of 280 pixels
_MAX_PLACEHOLDER = 24  # maximum length of the placeholder that shows a value without an item


class ComboBox(QComboBox):
    """A combo box that ignores the mouse wheel unless it has the focus."""

    def __init__(self) -> None:
        super().__init__(focusPolicy=Qt.FocusPolicy.StrongFocus, minimumWidth=_MIN_WIDTH)
        self.setMinimumContentsLength(4)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the item if the box has the focus; otherwise let the form scroll."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def add_item(self, text: str, data: object, tooltip: str = "") -> None:
        self.addItem(text, data)
        if tooltip:
            self.setItemData(self.count() - 1, tooltip, Qt.ItemDataRole.ToolTipRole)

    def select_data(self, data: object, text: str) -> None:
        """Select the item with this data; if there is none, show `text` as a placeholder."""
        index = next((row for row in range(self.count()) if self.itemData(row) == data), -1)
        if self.currentIndex() != index or index < 0:
            self.setCurrentIndex(index)
        # The size hint grows with the placeholder, so keep the placeholder short.
        if len(text) > _MAX_PLACEHOLDER:
            text = f"{text[:_MAX_PLACEHOLDER]}..."
        self.setPlaceholderText(text if index < 0 else "")

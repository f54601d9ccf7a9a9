"""The head of a table that can be sorted: its arrow stands apart from the words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QStyleOptionHeader, QWidget

_APART = "\N{EM SPACE}\N{THIN SPACE}"  # as wide as the arrow


class SortHeader(QHeaderView):
    """A head whose words make way for the arrow, where they stand on the right like it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, logicalIndex: int) -> None:
        """Leave room for the arrow."""
        super().initStyleOptionForIndex(option, logicalIndex)
        right = option.textAlignment & Qt.AlignmentFlag.AlignRight
        sorted_by = self.isSortIndicatorShown() and self.sortIndicatorSection() == logicalIndex
        if right and sorted_by:
            option.text = f"{option.text}{_APART}"

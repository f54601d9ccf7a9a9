"""A table header whose sort arrow does not overlap the text."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QStyleOptionHeader, QWidget

_ARROW_SPACE = "\N{EM SPACE}\N{THIN SPACE}"  # a space that is as wide as the arrow


class SortHeader(QHeaderView):
    """A horizontal header that shifts right-aligned text so that the sort arrow has space."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, logicalIndex: int) -> None:
        """If the section has the sort arrow and right-aligned text, append space for the arrow."""
        super().initStyleOptionForIndex(option, logicalIndex)
        is_right_aligned = option.textAlignment & Qt.AlignmentFlag.AlignRight
        has_arrow = self.isSortIndicatorShown() and self.sortIndicatorSection() == logicalIndex
        if is_right_aligned and has_arrow:
            option.text = f"{option.text}{_ARROW_SPACE}"

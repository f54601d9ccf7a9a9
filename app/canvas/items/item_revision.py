"""A count of the changes of all items, by which values computed from many items are cached."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QGraphicsItem

_CHANGES = frozenset((
    QGraphicsItem.GraphicsItemChange.ItemPositionHasChanged,
    QGraphicsItem.GraphicsItemChange.ItemSelectedHasChanged,
    QGraphicsItem.GraphicsItemChange.ItemVisibleHasChanged,
    QGraphicsItem.GraphicsItemChange.ItemSceneHasChanged,
))  # fmt: skip


class ItemRevision:
    """The number of changes of the items in the process.

    Items count each change of their place, look or selection. A value that was computed at the
    same count is up to date.
    """

    def __init__(self) -> None:
        self.count = 0

    def increment(self) -> None:
        """Count a change."""
        self.count += 1

    def increment_on(self, change: Any) -> None:
        """Count a change that Qt reports to an item, if the overview shows it."""
        if change in _CHANGES:
            self.count += 1


item_revision = ItemRevision()

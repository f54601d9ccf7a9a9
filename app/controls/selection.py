"""Indexes of Qt item models, and selected rows as ranges, since Qt is slow with single indexes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()  # the parent of top-level rows


def consecutive_ranges(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last row of each range of consecutive numbers in sorted `rows`."""
    start = 0
    for index in range(1, len(rows) + 1):
        if index == len(rows) or rows[index] != rows[index - 1] + 1:
            yield rows[start], rows[index - 1]
            start = index


def selected_rows(model: QItemSelectionModel) -> Iterator[tuple[QModelIndex, int]]:
    """Yield the parent index and the row of each selected row."""
    selection = model.selection()
    for row_range in map(selection.at, range(selection.size())):
        for row in range(row_range.top(), row_range.bottom() + 1):
            yield row_range.parent(), row

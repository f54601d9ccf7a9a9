"""Rows of an item view as ranges, since Qt is slow with a long list of single indexes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex


def stretches(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of rows that follow one another, of rows in order."""
    start = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or rows[at] != rows[at - 1] + 1:
            yield rows[start], rows[at - 1]
            start = at


def selected_rows(model: QItemSelectionModel) -> Iterator[tuple[QModelIndex, int]]:
    """Yield what each selected row stands below, and its place there."""
    chosen = model.selection()
    for each in map(chosen.at, range(chosen.size())):
        for row in range(each.top(), each.bottom() + 1):
            yield each.parent(), row

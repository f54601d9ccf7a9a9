"""The content of a column: the one statistic from which encodings are chosen.

The window computes it with the other statistics, a training run only this one.
"""

from __future__ import annotations

from typing import Any

from engine.data.encoders.ids import ID_LIST_PATTERN
from engine.data.profile.statistics import ColumnContent
from engine.data.table.column_types import (
    Column,
    TextArray,
    concat_text,
    is_date,
    is_list,
    is_text,
    matches_pattern,
)
from engine.data.table.date_parser import is_mostly_dates
from engine.data.table.number_parser import count_numbers, missing_quantity_mask

NUMBER_SAMPLE_SIZE = 200_000  # numbers are counted among this many cells
TEXT_SAMPLE_SIZE = 10_000  # id lists and dates, which take longer to detect, among this many


def column_content(column: Column) -> ColumnContent:
    """Return the content of a column; the first present cells decide that of a text column."""
    if is_text(column):
        counter = ContentCounter()
        counter.add(column)
        return counter.content
    if is_list(column):
        lists: Any = column
        return "text lists" if is_text(lists.values) else "number lists"
    if is_date(column):
        return "dates"
    return "integers" if column.ndim == 1 and column.dtype.kind in "iu" else "numbers"


class ContentCounter:
    """Counts, chunk by chunk, what the first present cells of a text column are."""

    def __init__(self) -> None:
        self._cell_count = self._number_count = 0
        self._sample: list[TextArray] = []

    def add(self, cells: TextArray) -> None:
        """Count the next cells."""
        for start in range(0, len(cells), TEXT_SAMPLE_SIZE):
            if self._cell_count == NUMBER_SAMPLE_SIZE:
                return
            block = cells[start : start + TEXT_SAMPLE_SIZE]
            # A copy: a view would keep all cells of the chunk in memory.
            present = block.filter(~missing_quantity_mask(block))
            present = present[: NUMBER_SAMPLE_SIZE - self._cell_count]
            if self._cell_count < TEXT_SAMPLE_SIZE:
                self._sample.append(present[: TEXT_SAMPLE_SIZE - self._cell_count])
            self._cell_count += len(present)
            self._number_count += count_numbers(present)

    @property
    def content(self) -> ColumnContent:
        """What most cells are, "texts" if all are missing."""
        sample = concat_text(self._sample)
        has_ids = 2 * int(matches_pattern(sample, ID_LIST_PATTERN).sum()) > len(sample)
        if 2 * self._number_count > self._cell_count:
            return "integer texts" if has_ids else "number texts"
        if has_ids:
            return "id list texts"
        return "date texts" if is_mostly_dates(sample) else "texts"

"""The statistics of all columns of a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.data.profile.content import column_content
from engine.data.profile.dates import date_statistics
from engine.data.profile.distribution import compute_histogram, summarize
from engine.data.profile.labels import MAX_EXAMPLES, top_labels
from engine.data.profile.numbers import array_statistics, number_statistics
from engine.data.profile.statistics import ColumnContent, ColumnStatistics
from engine.data.profile.texts import text_statistics
from engine.data.table.cell_format import truncate_text
from engine.data.table.column_types import Column, is_date, is_list, is_text, value_counts
from engine.data.table.table import Table


def profile_table(table: Table) -> tuple[ColumnStatistics, ...]:
    """Return the statistics of each column, in the order of the table."""
    return tuple(_column_statistics(name, column, table) for name, column in table.columns.items())


def _column_statistics(name: str, column: Column, table: Table) -> ColumnStatistics:
    content = column_content(column)
    if is_text(column):
        return text_statistics(name, column, content, table.number_form_counter())
    if is_list(column):
        return _list_statistics(name, column, content)
    if is_date(column):
        return date_statistics(name, column, content)
    statistics = array_statistics if column.ndim > 1 else number_statistics
    return statistics(name, column, content)


def _list_statistics(name: str, column: Any, content: ColumnContent) -> ColumnStatistics:
    lengths = pc.list_value_length(column).to_numpy(zero_copy_only=False)
    items = column.flatten()
    counted = value_counts(items) if is_text(items) else None
    is_ids = pa.types.is_int64(items.type) and (pc.min(items).as_py() or 0) >= 0
    texts = [", ".join(map(str, cell)) for cell in column[:MAX_EXAMPLES].to_pylist() if cell]
    return ColumnStatistics(
        name=name,
        kind="id sequence" if is_ids else "list",
        content=content,
        rows=len(column),
        missing=int((lengths == 0).sum()),
        distinct=len(counted[0]) if counted else None,
        spread=summarize(lengths),
        histogram=compute_histogram(lengths, np.unique(lengths)),
        top=top_labels(*counted) if counted else (),
        examples=tuple(map(truncate_text, texts)),
    )

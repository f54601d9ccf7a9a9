"""The content of a column: the one statistic from which encodings are chosen.

The window computes it with the other statistics, a training run only this one.
"""

from __future__ import annotations

import numpy as np

from engine.data.encoders.ids import ID_LIST_PATTERN
from engine.data.profile.statistics import ColumnContent
from engine.data.table.column_types import (
    Column,
    TextArray,
    concat_text,
    is_date,
    is_list,
    is_text,
    to_bool_array,
)
from engine.data.table.date_parser import is_mostly_dates
from engine.data.table.lazy_arrow import pa, pc
from engine.data.table.number_parser import is_mostly_numbers, missing_number_mask

CONTENT_SAMPLE_SIZE = 10_000  # the number of cells that decide what a text column holds


def column_content(column: Column) -> ColumnContent:
    """Return the content of a column; the first 10,000 present cells decide that of text."""
    if is_text(column):
        return text_content(first_present(column))
    if is_list(column):
        is_text_list = pa.types.is_large_string(column.type.value_type)
        return "text lists" if is_text_list else "number lists"
    if is_date(column):
        return "dates"
    return "integers" if column.ndim == 1 and column.dtype.kind in "iu" else "numbers"


def text_content(sample: TextArray) -> ColumnContent:
    """Return the content of a text column, given its `first_present` cells: what most of them are.

    A column without such cells holds "texts".
    """
    is_id_list = to_bool_array(pc.match_substring_regex(sample, ID_LIST_PATTERN))
    has_ids = 2 * int(is_id_list.sum()) > len(sample)
    if is_mostly_numbers(sample):
        return "integer texts" if has_ids else "number texts"
    if has_ids:
        return "id list texts"
    return "date texts" if is_mostly_dates(sample) else "texts"


def first_present(cells: TextArray, limit: int = CONTENT_SAMPLE_SIZE) -> TextArray:
    """Return the first `limit` cells that are not missing, or all if there are fewer."""
    parts: list[TextArray] = []
    for start in range(0, len(cells), CONTENT_SAMPLE_SIZE):
        block = cells[start : start + CONTENT_SAMPLE_SIZE]
        rows = np.flatnonzero(~missing_number_mask(block))[:limit]
        parts.append(block.take(pa.array(rows)))
        limit -= len(rows)
        if not limit:
            break
    return concat_text(parts)

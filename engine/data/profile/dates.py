"""Statistics of date columns."""

from __future__ import annotations

import numpy as np

from engine.data.profile.distribution import compute_histogram
from engine.data.profile.labels import MAX_EXAMPLES
from engine.data.profile.statistics import ColumnContent, ColumnStatistics
from engine.data.table.array import Array
from engine.data.table.cell_format import format_cell


def date_statistics(
    name: str, dates: Array, content: ColumnContent, examples: tuple[str, ...] = (), fault: str = ""
) -> ColumnStatistics:
    """Return the statistics of a date column.

    Args:
        dates: the dates, NaT for missing dates.
        content: the content of the column.
        examples: the examples to show; if (), the first of the dates are shown.
        fault: why some cells can't be read as dates, "" if all can.
    """
    present = dates[~np.isnat(dates)]
    distinct = np.unique(present)
    is_constant = len(distinct) < 2 and len(present) == len(dates)
    return ColumnStatistics(
        name=name,
        kind="constant" if is_constant or not len(present) else "date",
        content=content,
        rows=len(dates),
        missing=len(dates) - len(present),
        distinct=len(distinct),
        histogram=compute_histogram(present.astype("datetime64[s]").astype(np.float64)),
        earliest=format_cell(distinct[0]) if len(distinct) else "",
        latest=format_cell(distinct[-1]) if len(distinct) else "",
        examples=examples or tuple(map(format_cell, present[:MAX_EXAMPLES])),
        fault=fault,
    )

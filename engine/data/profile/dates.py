"""Facts of dates."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.profile.distribution import histogram_of
from engine.data.profile.labels import EXAMPLES
from engine.data.profile.statistics import ColumnStatistics

Array = NDArray[Any]


def date_facts(
    name: str, dates: Array, examples: tuple[str, ...] = (), fault: str = ""
) -> ColumnStatistics:
    """Return the facts of dates.

    Args:
        name: of the column.
        dates: NaT where one is missing.
        examples: the cells as they are written, if they are text.
        fault: what keeps some cells from being dates.
    """
    there = dates[~np.isnat(dates)]
    distinct = np.unique(there)
    same = len(distinct) < 2 and len(there) == len(dates)
    return ColumnStatistics(
        name=name,
        kind="constant" if same or not len(there) else "date",
        rows=len(dates),
        missing=len(dates) - len(there),
        distinct=len(distinct),
        histogram=histogram_of(there.astype("datetime64[s]").astype(np.float64)),
        earliest=moment(distinct[0]) if len(distinct) else "",
        latest=moment(distinct[-1]) if len(distinct) else "",
        examples=examples or tuple(map(moment, there[:EXAMPLES])),
        fault=fault,
    )


def moment(date: Any) -> str:
    """Return a date as text, without its time if that is midnight."""
    return str(date.astype("datetime64[s]")).removesuffix("T00:00:00").replace("T", " ")

"""Facts of numbers: one a row, or arrays with further axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.profile.distribution import histogram_of, spread_of
from engine.data.profile.labels import EXAMPLES, TOP
from engine.data.profile.statistics import ColumnKind, ColumnStatistics, LabelCount
from engine.data.table.cell_format import truncate_text
from engine.data.table.column_types import NumberArray

Array = NDArray[Any]
FEW = 20  # rows in which all may differ by chance


def number_facts(
    name: str, values: NumberArray, examples: tuple[str, ...] = (), fault: str = ""
) -> ColumnStatistics:
    """Return the facts of numbers, one a row.

    Args:
        name: of the column.
        values: NaN where one is missing.
        examples: the cells as they are written, if they are text.
        fault: what keeps some cells from being numbers.
    """
    finite, missing, infinite = _finite(values)
    distinct, counts = np.unique(finite, return_counts=True)
    return ColumnStatistics(
        name=name,
        kind=_kind(name, len(values), len(finite), distinct),
        rows=len(values),
        missing=missing,
        distinct=len(distinct),
        infinite=infinite,
        spread=spread_of(finite),
        histogram=histogram_of(finite, distinct),
        top=_top(distinct, counts) if len(distinct) <= TOP else (),
        examples=examples or tuple(map(_written, finite[:EXAMPLES])),
        fault=fault,
    )


def _finite(values: Array) -> tuple[Array, int, int]:
    """Return the finite values, how many are missing, and how many infinite."""
    if values.dtype.kind != "f":
        return values, 0, 0
    finite = values[np.isfinite(values)]
    missing = int(np.isnan(values).sum())
    return finite, missing, values.size - missing - len(finite)


def _top(distinct: Array, counts: Array) -> tuple[LabelCount, ...]:
    order = np.argsort(-counts, kind="stable")
    return tuple(LabelCount(text=_written(distinct[at]), count=int(counts[at])) for at in order)


def _written(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float | np.floating) else str(value)


def _kind(name: str, rows: int, filled: int, distinct: Array) -> ColumnKind:
    if not len(distinct) or (len(distinct) == 1 and filled == rows):
        return "constant"
    if not (distinct == np.floor(distinct)).all():
        return "number"
    if distinct.tolist() == [0, 1]:
        return "boolean"
    once = len(distinct) == rows > FEW
    counting = once and distinct[-1] - distinct[0] == rows - 1
    return "identifier" if counting or (once and _called_id(name)) else "whole number"


def _called_id(name: str) -> bool:
    word = name.lower().replace(" ", "_")
    return word in ("id", "uid", "key", "index") or word.endswith("_id")


def array_facts(name: str, values: NumberArray) -> ColumnStatistics:
    """Return the facts of arrays with further axes, all of their numbers together."""
    finite, _, infinite = _finite(values.reshape(-1))
    ids = values.dtype.kind != "f" and values.ndim == 2 and values.size and values.min() >= 0
    missing = np.isnan(values).any(axis=tuple(range(1, values.ndim))).sum()
    return ColumnStatistics(
        name=name,
        kind="id sequence" if ids else "number",
        rows=len(values),
        missing=int(missing),
        shape=tuple(values.shape[1:]),
        infinite=infinite,
        spread=spread_of(finite),
        histogram=histogram_of(finite),
        examples=tuple(_row(row) for row in values[:EXAMPLES]),
    )


def _row(values: Array) -> str:
    return truncate_text(np.array2string(values, threshold=12, precision=4))

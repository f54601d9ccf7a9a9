"""Statistics of numeric columns, and of arrays with several numbers per row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.core.diagnostic import Diagnostic
from engine.data.profile.column_warnings import column_warning
from engine.data.profile.distribution import compute_histogram, summarize
from engine.data.profile.labels import MAX_EXAMPLES, MAX_TOP_LABELS, top_labels
from engine.data.profile.statistics import ColumnContent, ColumnKind, ColumnStatistics
from engine.data.table.array import Array
from engine.data.table.cell_format import truncate_text
from engine.data.table.column_types import NumberArray, TextArray, text_column
from engine.recipe.csv_dialect import missing_words_fix

SENTINELS = [10.0**digits - 1 for digits in range(2, 9)]  # 99, 999, 9999 and so on
MIN_OTHER_VALUES = 3  # fewer distinct values do not show a range
SMALL_COLUMN_ROWS = 20  # in a column of at most this many rows, values may all differ by chance


def number_statistics(
    name: str,
    values: NumberArray,
    content: ColumnContent,
    examples: tuple[str, ...] = (),
    fault: str = "",
    texts: TextArray | None = None,
) -> ColumnStatistics:
    """Return the statistics of a column with one number per row.

    Args:
        values: the numbers, NaN for missing numbers.
        content: the content of the column.
        examples: the examples to show; if (), the first of the numbers are shown.
        fault: why some cells can't be read as numbers, "" if all can.
        texts: the cells of a text column, in which the numbers are.
    """
    finite, missing, infinite = _finite(values)
    distinct, counts = np.unique(finite, return_counts=True)
    sentinels = sentinel_values(distinct, counts)
    words = list(map(_format_number, sentinels))
    is_few = len(distinct) <= MAX_TOP_LABELS
    if infinite:
        fault = fault or f"infinite in {infinite:,} of {len(values):,} rows"
    if sentinels and texts is not None:
        words = texts.filter(np.isin(values, sentinels)).unique().to_pylist()
    return ColumnStatistics(
        name=name,
        kind=_kind(name, len(values), len(finite), distinct),
        content=content,
        rows=len(values),
        missing=missing,
        distinct=len(distinct),
        infinite=infinite,
        spread=summarize(finite),
        histogram=compute_histogram(finite, distinct),
        top=top_labels(text_column(map(_format_number, distinct)), counts) if is_few else (),
        examples=examples or tuple(map(_format_number, finite[:MAX_EXAMPLES])),
        fault=fault,
        warnings=(_sentinel_warning(name, words),) if words else (),
    )


def _sentinel_warning(name: str, words: Sequence[str]) -> Diagnostic:
    found, fix = ", ".join(words), missing_words_fix(words)
    problem = f"repeats {found} far outside of all other values"
    return column_warning(name, "sentinel-values", problem, found, fix)


def sentinel_values(distinct: Array, counts: Array) -> list[float]:
    """Return values such as -999 and 9999 that occur several times, far outside of all others.

    `distinct` are the sorted distinct values, `counts` how often each occurs.
    """
    values = distinct.astype(np.float64)
    is_candidate = np.isin(np.abs(values), SENTINELS) & (counts > 1)
    others = values[~is_candidate]
    if len(others) < MIN_OTHER_VALUES:
        return []
    low, high = others[0], others[-1]
    with np.errstate(over="ignore"):  # nothing is far outside of an infinite range
        is_outlier = np.maximum(low - values, values - high) > high - low
    return [float(value) for value in values[is_candidate & is_outlier]]


def _finite(values: Array) -> tuple[Array, int, int]:
    """Return the finite values, the number of NaNs, and the number of infinite values."""
    if values.dtype.kind != "f":
        return values, 0, 0
    finite = values[np.isfinite(values)]
    missing = int(np.isnan(values).sum())
    return finite, missing, values.size - missing - len(finite)


def _format_number(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float | np.floating) else str(value)


def _kind(name: str, rows: int, present: int, distinct: Array) -> ColumnKind:
    if not len(distinct) or (len(distinct) == 1 and present == rows):
        return "constant"
    if not (distinct == np.floor(distinct)).all():
        return "number"
    if distinct.tolist() == [0, 1]:
        return "boolean"
    is_unique = len(distinct) == rows > SMALL_COLUMN_ROWS
    is_row_counter = is_unique and distinct[-1] - distinct[0] == rows - 1
    if is_row_counter or (is_unique and _is_id_name(name)):
        return "identifier"
    return "whole number"


def _is_id_name(name: str) -> bool:
    word = name.lower().replace(" ", "_")
    return word in ("id", "uid", "key", "index") or word.endswith("_id")


def array_statistics(name: str, values: NumberArray, content: ColumnContent) -> ColumnStatistics:
    """Return the statistics of all numbers in an array with several numbers per row."""
    finite, _, infinite = _finite(values.reshape(-1))
    is_ids = values.dtype.kind != "f" and values.ndim == 2 and values.size and values.min() >= 0
    missing = np.isnan(values).any(axis=tuple(range(1, values.ndim))).sum()
    rows = [np.array2string(row, threshold=12, precision=4) for row in values[:MAX_EXAMPLES]]
    return ColumnStatistics(
        name=name,
        kind="id sequence" if is_ids else "number",
        content=content,
        rows=len(values),
        missing=int(missing),
        shape=tuple(values.shape[1:]),
        infinite=infinite,
        spread=summarize(finite),
        histogram=compute_histogram(finite),
        examples=tuple(map(truncate_text, rows)),
    )

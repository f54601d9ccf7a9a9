"""The chronological split: the earliest rows are for training, later rows are held out."""

from __future__ import annotations

import numpy as np

from engine.core.diagnostic import diagnostic_error
from engine.data.splits.split_rows import TEST, VALIDATION, SplitRows, SplitSizes
from engine.data.splits.stratified_split import missing_value_error, multiple_values_error
from engine.data.table.array import Array
from engine.data.table.cell_format import format_cell
from engine.data.table.column_types import Column, TextArray, is_date, is_number, is_text
from engine.data.table.date_parser import DateFormatCounter, parse_dates
from engine.data.table.number_form import NumberFormCounter
from engine.data.table.number_parser import (
    detect_number_form,
    is_mostly_numbers,
    missing_quantity_mask,
    parse_numbers,
)
from engine.data.table.row_numbers import affected_rows, cells_error
from engine.recipe.split import RANDOM_SPLIT_FIX


def chronological_split(
    column: Column, name: str, sizes: SplitSizes, forms: NumberFormCounter
) -> SplitRows:
    """Return a chronological split: training rows come first, then validation, then test rows.

    The column `name` holds dates or numbers. `forms` detects the form of numbers in text, and has
    counted no cell yet. Rows with the same time are in the same subset.

    Raises:
        DiagnosticError: if a row has no time, or a subset would be empty.
    """
    times = column_times(column, name, forms)
    order = np.argsort(times, kind="stable")
    sorted_times = times[order]
    validation_count, test_count = sizes.row_counts
    test_start = _nearest_edge(sorted_times, sizes.rows - test_count, sizes.rows)
    validation_start = _nearest_edge(sorted_times, test_start - validation_count, test_start)
    sizes.check(validation_start, test_start - validation_start, sizes.rows - test_start)
    subset_codes = np.zeros(sizes.rows, np.int8)
    subset_codes[order[validation_start:test_start]] = VALIDATION
    subset_codes[order[test_start:]] = TEST
    cuts = [cut for cut in dict.fromkeys((validation_start, test_start)) if cut < sizes.rows]
    starts = [sorted_times[cut] for cut in cuts]
    texts = map(format_cell, starts) if is_date(times) else (f"{time:.15g}" for time in starts)
    description = f'held back as the latest by "{name}", from {" and ".join(texts)} on'
    return SplitRows.from_codes(subset_codes, description)


def _nearest_edge(times: Array, cut: int, end: int) -> int:
    """Return the index nearest to `cut` at which a time differs from the previous time.

    `times` is sorted. If `cut` is 0 or `end`, return `cut`: the subset before or after `cut` is
    meant to be empty. Otherwise, the returned index is below `end`.
    """
    if not 0 < cut < end:
        return cut
    group_start = int(np.searchsorted(times, times[cut], "left"))
    group_end = int(np.searchsorted(times, times[cut], "right"))
    candidates = [edge for edge in (group_start, group_end) if 0 < edge < end]
    return min(candidates, key=lambda edge: abs(edge - cut)) if candidates else group_start


def column_times(column: Column, name: str, forms: NumberFormCounter) -> Array:
    """Return the time of each row, as numbers or dates; for `forms` see `chronological_split`.

    Raises:
        DiagnosticError: if a time is missing or can't be read.
    """
    if is_text(column):
        times = _parse_times(column, name, forms)
    elif (is_number(column) or is_date(column)) and column.size == len(column):
        times = column.reshape(-1)
    else:
        raise multiple_values_error(name)
    missing = np.isnat(times) if is_date(times) else ~np.isfinite(times.astype(np.float64))
    if missing.any():
        raise missing_value_error(name, missing, "has no time")
    return times


def _parse_times(column: TextArray, name: str, forms: NumberFormCounter) -> Array:
    is_missing = missing_quantity_mask(column)
    if is_mostly_numbers(column):
        return parse_numbers(column, name, detect_number_form(column, forms))[0]
    formats = DateFormatCounter()
    formats.add(column.filter(~is_missing))
    if formats.is_ambiguous:
        raise diagnostic_error(
            "split-unfit",
            f'it is unclear whether the day or the month comes first in "{name}"',
            "Write the dates as year-month-day.",
            RANDOM_SPLIT_FIX,
            place=f"column {name}",
            found=str(column[0])[:40],
            expected="dates such as 2024-03-31, or a day above 12",
        )
    times = parse_dates(column, formats.best_format)
    is_unreadable = np.isnat(times) & ~is_missing
    if is_unreadable.any():
        raise cells_error(
            "split-unfit",
            name,
            "holds cells that are not dates",
            affected_rows(is_unreadable),
            "Correct the cells.",
            RANDOM_SPLIT_FIX,
            cell=str(column[int(is_unreadable.argmax())])[:40],
            expected="dates such as 2024-03-31 or 2024-03-31 18:00, or numbers",
        )
    return times

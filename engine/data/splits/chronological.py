"""The split by time: the past is trained on, what came later is held back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.splits.random import TEST, VALIDATION, Shares, Sides
from engine.data.splits.stratified import no_value, several
from engine.data.table.column_types import Column, Text, is_date, is_number, is_text
from engine.data.table.date_parser import Seen, parse
from engine.data.table.lazy_arrow import pa
from engine.data.table.number_parser import missing_numbers, mostly_numbers, parse_numbers
from engine.data.table.row_numbers import counted, first_rows
from engine.recipe.csv_dialect import Decimal
from engine.recipe.split import AT_RANDOM

Array = NDArray[Any]


def latest(column: Column, name: str, shares: Shares, decimal: Decimal | None = None) -> Sides:
    """Hold the latest rows back, the very last for the test; rows of one time stay together.

    Args:
        column: dates, numbers, or texts that say either.
        name: its name.
        shares: how many rows are held back.
        decimal: the decimal sign of numbers that stand as text.

    Raises:
        Refused: if a row has no time, or one side would be empty.
    """
    times = _times(column, name, decimal)
    order = np.argsort(times, kind="stable")
    sorted_times = times[order]
    held, kept = shares.wanted
    last = _edge(sorted_times, shares.rows - kept, shares.rows) if kept else shares.rows
    first = _edge(sorted_times, last - held, last) if held else last
    shares.check(first, last - first, shares.rows - last)
    side = np.zeros(shares.rows, np.int8)
    side[order[first:last]] = VALIDATION
    side[order[last:]] = TEST
    cuts = [sorted_times[cut] for cut in dict.fromkeys((first, last)) if cut < shares.rows]
    told = " and ".join(_moment(cut) for cut in cuts)
    return Sides.of(side, f'held back as the latest by "{name}", from {told} on')


def _edge(times: Array, cut: int, end: int) -> int:
    """Return the cut nearest to `cut` that parts no two rows of one time, below `end` if it can."""
    if not 0 < cut < end:
        return cut
    before = int(np.searchsorted(times, times[cut], "left"))
    after = int(np.searchsorted(times, times[cut], "right"))
    sound = [edge for edge in (before, after) if 0 < edge < end]
    return min(sound, key=lambda edge: abs(edge - cut)) if sound else before


def _moment(value: Any) -> str:
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[s]")).removesuffix("T00:00:00").replace("T", " ")
    return f"{value:.15g}"


def _times(column: Column, name: str, decimal: Decimal | None) -> Array:
    """Return when each row was, as numbers or as dates."""
    if is_text(column):
        times = _read_times(column, name, decimal)
    elif (is_number(column) or is_date(column)) and column.size == len(column):
        times = column.reshape(-1)
    else:
        raise Refused(several(name))
    missing = np.isnat(times) if is_date(times) else ~np.isfinite(times.astype(np.float64))
    if missing.any():
        raise Refused(no_value(name, missing, "when it was"))
    return times


def _read_times(column: Text, name: str, decimal: Decimal | None) -> Array:
    absent = missing_numbers(column)
    if mostly_numbers(column):
        return parse_numbers(column, name, decimal)[0]
    seen = Seen()
    seen.add(column.filter(pa.array(~absent)))
    if seen.ambiguous:
        raise Refused(_either_way(name, str(column[0])))
    times = parse(column, seen.best)
    bad = np.isnat(times) & ~absent
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise Refused(_no_time(name, bad, str(column[row])))
    return times


def _no_time(name: str, rows: Array, value: str) -> Diagnostic:
    row = int(np.flatnonzero(rows)[0])
    return Diagnostic(
        "split-unfit",
        f'"{name}" holds cells that are no dates: {counted(rows)}',
        place=f"column {name}, {first_rows(rows)}",
        found=f"{value[:40]!r} in row {row}",
        expected="dates such as 2024-03-31 or 2024-03-31 18:00, or numbers",
        fixes=(
            Fix("Correct the cells."),
            AT_RANDOM,
        ),
    )


def _either_way(name: str, value: str) -> Diagnostic:
    return Diagnostic(
        "split-unfit",
        f'whether the day or the month comes first in "{name}" can\'t be told',
        place=f"column {name}",
        found=value[:40],
        expected="dates such as 2024-03-31, or one day above 12",
        fixes=(
            Fix("Write the dates as year-month-day."),
            AT_RANDOM,
        ),
    )

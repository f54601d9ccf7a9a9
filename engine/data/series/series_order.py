"""`SeriesOrder`: the rows of a table, sorted by series and time, and where series are broken."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_error, nearest_word
from engine.core.formatting.counts import count_noun
from engine.data.splits.chronological_split import column_times
from engine.data.splits.split_rows import RowIndices
from engine.data.splits.stratified_split import value_codes
from engine.data.table.array import Array
from engine.data.table.row_numbers import affected_rows
from engine.data.table.table import Table
from engine.recipe.data_mapping import DataMapping
from engine.recipe.windows import Windows

# A step is unusual if it is longer or shorter than the median step by half. Where unusual steps are
# rare, as a missing day is, they are gaps. The weekends between business days are not.
_UNUSUAL, _RARE = 0.5, 0.05


@dataclass(frozen=True, slots=True)
class SeriesOrder:
    """The rows of a table in the order of series and time.

    Args:
        order: the row numbers in this order.
        piece: for each row in this order, the number of its piece: a part of a series without gaps.
    """

    order: RowIndices
    piece: RowIndices

    @property
    def lengths(self) -> RowIndices:
        """The number of rows of the piece that each row is in."""
        return np.bincount(self.piece)[self.piece]

    def starts(self, span: int) -> RowIndices:
        """Return the indices in `order` at which `span` rows of the same piece begin."""
        last = max(len(self.order) - span + 1, 0)
        return np.flatnonzero(self.piece[:last] == self.piece[span - 1 :][:last])


def find_series(
    table: Table, mapping: DataMapping | None, with_targets: bool = True
) -> SeriesOrder | None:
    """Return the order of a table's rows, None if the mapping has no windows.

    Args:
        with_targets: False if windows end with the last past row, as for predictions.

    Raises:
        DiagnosticError: if a column is missing or invalid, if a series has a time twice, or if no
            series is as long as a window.
    """
    settings = mapping.windows if mapping else None
    if settings is None:
        return None
    _check_columns(table, settings)
    times, groups = _times_and_groups(table, settings)
    order = np.lexsort((times, groups)).astype(np.int64)
    is_same_series = np.diff(groups[order]) == 0
    steps = np.diff(times[order]).astype(np.float64)
    _check_times(order[1:][is_same_series & (steps == 0)], settings, table)
    is_break = ~is_same_series | _gaps(steps, is_same_series)
    piece = np.cumsum(np.concatenate([[0], is_break])[: len(order)])
    series = SeriesOrder(order, piece)
    _check_length(int(series.lengths.max(initial=0)), settings, with_targets)
    return series


def window_count(series: SeriesOrder, settings: Windows, with_targets: bool = True) -> Diagnostic:
    """Return an info with the number of windows, and of rows that are in none of them.

    `with_targets` is False if windows end with the last past row.
    """
    span = settings.past + (settings.ahead if with_targets else 0)
    is_left_out = np.empty(len(series.order), bool)
    is_left_out[series.order] = series.lengths < span
    rows = affected_rows(is_left_out)
    message = f"{count_noun(len(series.starts(span)), 'window')} of {rows.total:,} rows"
    if not rows.count:
        return Diagnostic.info("series-left-out", message)
    message += f"; rows next to gaps or in short series are not used: {rows.count_text}"
    return Diagnostic.info("series-left-out", message, place=f"column {settings.by}", rows=rows)


def _times_and_groups(table: Table, settings: Windows) -> tuple[Array, Array]:
    """Return the time of each row, and the number of its series."""
    try:
        forms = table.number_form_counter()
        times = column_times(table.columns[settings.by], settings.by, forms)
        if settings.group is None:
            return times, np.zeros(len(times), np.int64)
        return times, value_codes(table.columns[settings.group], settings.group)[0]
    except DiagnosticError as error:
        (found,) = error.diagnostics  # without the fix that splits by something else than time
        fixes = (fix for fix in found.fixes if (fix.edit or {}).get("do") != "set_split")
        raise DiagnosticError(replace(found, fixes=tuple(fixes))) from None


def _gaps(steps: Array, is_same_series: Array) -> Array:
    """Return, for each step, whether it is a gap in a series of otherwise regular steps."""
    usual = np.median(steps[is_same_series]) if is_same_series.any() else 0.0
    is_gap: Array = is_same_series & (np.abs(steps - usual) > _UNUSUAL * usual)
    is_rare = is_gap.sum() <= _RARE * is_same_series.sum()
    return is_gap if is_rare else np.zeros(len(steps), bool)


def _check_columns(table: Table, settings: Windows) -> None:
    for field in ("by", "group"):
        name = getattr(settings, field)
        if name is None or name in table.columns:
            continue
        nearest = nearest_word(name, table.columns)
        fix = Fix(f'Map "{field}" of the windows to another column.')
        if nearest:
            edit = {"do": "set_windows", "windows": {**settings.params(), field: nearest}}
            fix = Fix(f'Use "{nearest}".', edit)
        purpose, place = ", which the windows need", "data.windows"
        raise DiagnosticError(table.column_missing(name, purpose, nearest, fix, place=place))


def _check_times(repeated: RowIndices, settings: Windows, table: Table) -> None:
    if not len(repeated):
        return
    series = f'one series of "{settings.group}"' if settings.group else "the series"
    others = ", ".join(name for name in table.columns if name not in settings.columns)
    rows = affected_rows(np.isin(np.arange(table.row_count), repeated))
    raise diagnostic_error(
        "series-times",
        f'"{settings.by}" has duplicate times in {series}: {rows.count_text}',
        "Keep one row for each time."
        if settings.group
        else f'Name the column that identifies the series ("group"): {others[:200]}.',
        place=f"column {settings.by}",
        rows=rows,
        found=f"a duplicate time {rows.first_text}",
        expected="unique times in each series",
    )


def _check_length(longest: int, settings: Windows, with_targets: bool) -> None:
    ahead = settings.ahead if with_targets else 0
    span = settings.past + ahead
    if longest >= span:
        return
    fixes = [f"Use more rows: each series needs at least {span}."]
    if longest > ahead:
        steps = count_noun(longest - ahead, "step")
        fixes.insert(0, f"Use a past of at most {steps}, and Inputs of that shape.")
    raise diagnostic_error(
        "series-short",
        "no series is as long as a window",
        *fixes,
        place="data.windows",
        found=f"{count_noun(longest, 'row')} in the longest series without gaps",
        expected=f"at least {count_noun(span, 'row')}",
    )

"""`SeriesOrder`: the rows of a table, sorted by series and time, and where series are broken."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.core.diagnostic import DiagnosticError
from engine.data.series.window_errors import missing_column_error, repeated_time_error
from engine.data.splits.chronological_split import column_times
from engine.data.splits.split_rows import RowIndices
from engine.data.splits.stratified_split import value_codes
from engine.data.table.array import Array
from engine.data.table.column_types import Column, is_date
from engine.data.table.row_numbers import affected_rows
from engine.data.table.table import Table
from engine.recipe.windows import Windows

# Steps are regular if at least 95 % of them are equal to 1 %. Business days are not, since every
# fifth step is a weekend: it is no gap.
_REGULAR_FRACTION, _TOLERANCE = 0.95, 0.01


@dataclass(frozen=True, slots=True)
class SeriesOrder:
    """The rows of a table in the order of series and time.

    Args:
        order: the row numbers in this order.
        piece: for each row in this order, the number of its piece: a part of a series without gaps.
    """

    order: RowIndices
    piece: RowIndices

    @classmethod
    def from_table(cls, table: Table, settings: Windows) -> SeriesOrder:
        """Return the order of a table's rows; two series may have the same times.

        Raises:
            DiagnosticError: if a column is missing or invalid, or if a series has a time twice.
        """
        times = _times(_column(table, settings, settings.by), table, settings)
        groups = np.zeros(len(times), np.int64)
        if settings.group is not None:
            column = _column(table, settings, settings.group)
            groups = value_codes(column, settings.group)[0]
        order = np.lexsort((times, groups)).astype(np.int64)
        is_same_series = np.diff(groups[order]) == 0
        steps = np.diff(_as_numbers(times)[order])
        if (is_repeated := is_same_series & (steps == 0)).any():
            rows = np.zeros(len(times), bool)
            rows[order[1:][is_repeated]] = True
            raise repeated_time_error(settings, affected_rows(rows), list(table.columns))
        is_break = ~is_same_series | _gaps(steps, is_same_series)
        return cls(order, np.cumsum(np.concatenate([[0], is_break])[: len(order)]))

    def starts(self, span: int) -> RowIndices:
        """Return the indices in `order` at which `span` rows of the same piece begin."""
        last = max(len(self.order) - span + 1, 0)
        return np.flatnonzero(self.piece[:last] == self.piece[span - 1 :][:last])

    @property
    def longest(self) -> int:
        """The number of rows of the longest piece."""
        return int(np.bincount(self.piece).max(initial=0))


def _column(table: Table, settings: Windows, name: str) -> Column:
    if name not in table.columns:
        raise missing_column_error(settings, name, list(table.columns))
    return table.columns[name]


def _times(column: Column, table: Table, settings: Windows) -> Array:
    try:
        return column_times(column, settings.by, table.decimal)
    except DiagnosticError as error:  # its fixes split the rows by something else than time
        raise DiagnosticError(
            *(
                replace(item, fixes=tuple(fix for fix in item.fixes if fix.edit is None))
                for item in error.diagnostics
            )
        ) from None


def _as_numbers(times: Array) -> Array:
    """Return times as numbers; dates at the same day of their months, or at the end, as months."""
    if not is_date(times):
        return times.astype(np.float64)
    days = times.astype("datetime64[D]")
    in_month = days - days.astype("datetime64[M]")
    is_last = (days + 1 == (days.astype("datetime64[M]") + 1)).all()
    if (days == times).all() and (is_last or (in_month == in_month[:1]).all()):
        return days.astype("datetime64[M]").astype(np.float64)
    return times.astype(np.int64).astype(np.float64)


def _gaps(steps: Array, is_same_series: Array) -> Array:
    """Return, for each step, whether it is a gap: not as long as almost all other steps."""
    inside = steps[is_same_series]
    if not len(inside):
        return np.zeros(len(steps), bool)
    usual = np.median(inside)
    is_unusual = np.abs(steps - usual) > _TOLERANCE * usual
    is_regular = (~is_unusual[is_same_series]).mean() >= _REGULAR_FRACTION
    return is_unusual if is_regular else np.zeros(len(steps), bool)

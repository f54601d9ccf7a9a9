"""The encoded rows of a table as windows, read from the rows on access."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.check.report import Report
from engine.core.formatting.counts import count_noun
from engine.data.dataset.dataset import Dataset
from engine.data.dataset.graph_dataset import is_sequence
from engine.data.dataset.memmap_rows import ARRAY_GROUPS, MemmapRows, RowSelection
from engine.data.series.series_order import SeriesOrder, window_count
from engine.data.splits.split_rows import NO_SUBSET, RowIndices, SplitRows, SplitSizes
from engine.data.table.array import Array
from engine.data.table.chunks import release_pages, underlying_mmap
from engine.recipe.windows import Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRows(MemmapRows):
    """The windows of encoded rows. Each row is stored once, as `records`, in memory or on disk.

    Args:
        settings: the steps of a window.
        order: the row numbers, sorted by series and time. A window is a range of them.
        starts: the index in `order` of the first row of each window.
        sequences: the names of the Inputs that get all past rows; others get the last of these.
    """

    settings: Windows
    order: RowIndices
    starts: RowIndices
    sequences: frozenset[str]

    def __len__(self) -> int:
        return len(self.starts)

    def select(self, rows: RowIndices) -> WindowRows:
        """Return the windows with the given numbers, in this order."""
        return replace(self, starts=self.starts[rows])

    def row_numbers(self, first: int, steps: int | None = None) -> RowSelection:
        """Return the row number of step `first` of each window, or of `steps` steps from there."""
        order = self.order if steps is None else sliding_window_view(self.order, steps)
        return RowSelection(order, self.starts + first)

    def arrays(self, group: str) -> dict[str, Any]:
        """Return the arrays of a group, such as "inputs", by port. Values are read on access."""
        return {
            port: RowSelection(self.records[name], self._rows(group, port))
            for (side, port), name in self.fields.items()
            if side == group
        }

    def _rows(self, group: str, port: str) -> RowSelection:
        past, ahead = self.settings.past, self.settings.ahead
        if group == "inputs":
            return self.row_numbers(0, past) if port in self.sequences else self.last_rows
        if group == "weights" or ahead == 1:  # a window has the weight of its first predicted row
            return self.row_numbers(past)
        return self.row_numbers(past, ahead)

    @property
    def last_rows(self) -> RowSelection:
        """The row number of the last past row of each window."""
        return self.row_numbers(self.settings.past - 1)

    def take(self, places: Any) -> dict[str, dict[str, Array]]:
        """Read some windows. Return arrays by group, such as "inputs", and then by port."""
        taken = {
            group: {port: array[places] for port, array in self.arrays(group).items()}
            for group in ARRAY_GROUPS
        }
        release_pages(underlying_mmap(self.records))
        return taken


def window_dataset(report: Report, rows: Dataset, series: SeriesOrder) -> Dataset:
    """Return the windows of encoded rows as a dataset that copies no row for each window.

    If the rows have no targets, windows end with the last past row.
    """
    mapping = report.mapping
    assert mapping is not None, "a table with windows has a mapping"
    assert mapping.windows is not None, "a table with windows has their settings"
    stored = rows.memmap or MemmapRows.in_memory(
        {(group, port): x for group in ARRAY_GROUPS for port, x in getattr(rows, group).items()}
    )
    specs = report.input_specs().items()
    span = mapping.windows.past + (mapping.windows.ahead if rows.targets else 0)
    windows = WindowRows(
        stored.records,
        stored.fields,
        settings=mapping.windows,
        order=series.order,
        starts=series.starts(span),
        sequences=frozenset(name for name, spec in specs if is_sequence(spec, mapping.windows)),
    )
    notes = (*rows.notes, window_count(series, mapping.windows, bool(rows.targets)))
    return Dataset.from_memmap(windows, rows.fitted, notes)


def last_rows(dataset: Dataset) -> RowIndices | None:
    """Return the table row with which each window of a dataset ends; None if rows are rows."""
    return dataset.memmap.last_rows[:] if isinstance(dataset.memmap, WindowRows) else None


def last_known_values(dataset: Dataset, output: str) -> Array | None:
    """Return the last past target of each window, NaN if missing; None if rows are no windows."""
    windows = dataset.memmap
    if not isinstance(windows, WindowRows):
        return None
    stored, rows = windows.records, windows.last_rows[:]
    values = np.array(stored[windows.fields["targets", output]][rows], np.float64)
    if mask := windows.fields.get(("masks", output)):
        values[~stored[mask][rows].astype(bool)] = np.nan
    return values


def split_windows(dataset: Dataset, rows: SplitRows) -> SplitRows:
    """Return the split of windows: each is in the subset that has all of its target rows.

    Windows whose targets are in two subsets are left out, and counted in the description. Inputs
    are never later than targets, so no time of a training window is in the time of validation
    targets.

    Raises:
        DiagnosticError: if a subset has no window.
    """
    windows = dataset.memmap
    assert isinstance(windows, WindowRows), "the dataset has windows"
    past, ahead = windows.settings.past, windows.settings.ahead
    count = len(windows.order)
    codes = rows.codes(count)
    first, last = (codes[windows.row_numbers(step)[:]] for step in (past, past + ahead - 1))
    description = rows.description
    if crossing := int((first != last).sum()):
        description += f", without {count_noun(crossing, 'window')} across the border"
    split = SplitRows.from_codes(np.where(first == last, first, NO_SUBSET), description)
    sizes = SplitSizes(count, len(rows.validation) / count, len(rows.test) / count, "data.split")
    sizes.check(len(split.train), len(split.validation), len(split.test))
    return split

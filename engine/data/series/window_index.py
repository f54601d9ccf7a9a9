"""`WindowIndex`: the row numbers of all windows of a table of time series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.core.diagnostic import Diagnostic
from engine.data.dataset.memmap_rows import RowSelection
from engine.data.series.series_order import SeriesOrder
from engine.data.series.window_errors import left_out_info, no_windows_error
from engine.data.splits.split_rows import RowIndices, SplitRows, SplitSizes
from engine.data.table.table import Table
from engine.recipe.windows import Windows

_FILE = "windows.npz"  # in a cache entry


@dataclass(frozen=True, slots=True)
class WindowIndex:
    """The rows of all windows. A window is a range of `order`, so nothing is stored per step.

    Args:
        order: the numbers of all rows of the table, sorted by series and time.
        starts: the index in `order` of the first row of each window.
    """

    settings: Windows
    order: RowIndices
    starts: RowIndices

    @classmethod
    def from_table(cls, table: Table, settings: Windows, with_targets: bool = True) -> WindowIndex:
        """Return the windows of a table, of which only the columns of `settings` are read.

        Args:
            with_targets: False to predict: such windows end with the last past row.

        Raises:
            DiagnosticError: if a column is missing or invalid, or if no series is long enough.
        """
        series = SeriesOrder.from_table(table, settings)
        ahead = settings.skip + settings.ahead if with_targets else 0
        starts = series.starts(settings.past + ahead)
        if not len(starts):
            raise no_windows_error(settings, settings.past + ahead, series.longest)
        return cls(settings, series.order, starts)

    def __len__(self) -> int:
        return len(self.starts)

    def select(self, windows: RowIndices) -> WindowIndex:
        """Return the windows with the given numbers, in this order."""
        return replace(self, starts=self.starts[windows])

    @property
    def last_rows(self) -> RowIndices:
        """The row number of the last past row of each window."""
        rows: RowIndices = self.order[self.starts + self.settings.past - 1]
        return rows

    def past_rows(self) -> RowSelection:
        """Return the row numbers of the inputs, of shape (windows, past)."""
        return RowSelection(sliding_window_view(self.order, self.settings.past), self.starts)

    def target_rows(self, step: int | None = None) -> RowIndices | RowSelection:
        """Return the row numbers of the targets: (windows, ahead); (windows,) for a single step.

        `step` selects one of the steps, counted from 0.
        """
        first, steps = self.starts + self.settings.past + self.settings.skip, self.settings.ahead
        if step is not None or steps == 1:
            rows: RowIndices = self.order[first + (step or 0)]
            return rows
        return RowSelection(sliding_window_view(self.order, steps), first)

    def split(self, rows: SplitRows) -> SplitRows:
        """Return the split of the windows: each is in the subset that has all of its target rows.

        Windows whose targets are in two subsets are left out. Inputs are never later than targets,
        so no time of a training window is in the time of validation targets.

        Raises:
            DiagnosticError: if a subset has no window.
        """
        codes = rows.codes(len(self.order))
        first = codes[self.target_rows(0)]
        last = codes[self.target_rows(self.settings.ahead - 1)]
        codes = np.where(first == last, first, np.uint8(3))
        windows = SplitRows.from_codes(codes, rows.description)
        count = len(self.order)
        shares = len(rows.validation) / count, len(rows.test) / count
        sizes = SplitSizes(count, *shares, "data.split")
        sizes.check(len(windows.train), len(windows.validation), len(windows.test))
        return windows

    def notes(self) -> tuple[Diagnostic, ...]:
        """Return an info if rows are in no window, because of gaps or of short series."""
        settings = self.settings
        span = settings.past + settings.skip + settings.ahead
        edges = np.zeros(len(self.order) + 1, np.int64)
        np.add.at(edges, self.starts, 1)
        np.add.at(edges, self.starts + span, -1)
        is_left_out = np.empty(len(self.order), bool)
        is_left_out[self.order] = np.cumsum(edges[:-1]) == 0
        return (left_out_info(settings, is_left_out),) if is_left_out.any() else ()

    def save(self, folder: Path) -> None:
        """Write the windows into the folder of a cache entry.

        Raises:
            OSError: if the file can't be written.
        """
        np.savez(folder / _FILE, order=self.order, starts=self.starts)

    @classmethod
    def load(cls, folder: Path, settings: Windows) -> WindowIndex:
        """Return the windows that `save` wrote.

        Raises:
            OSError: if the file can't be read.
            ValueError: if it is damaged.
        """
        arrays: Mapping[str, Any] = np.load(folder / _FILE, allow_pickle=False)
        return cls(settings, arrays["order"], arrays["starts"])

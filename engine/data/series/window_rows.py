"""The encoded rows of a table as windows, read from the rows on access."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from engine.check.report import Report
from engine.data.dataset.dataset import Dataset
from engine.data.dataset.graph_dataset import is_sequence
from engine.data.dataset.memmap_rows import ARRAY_GROUPS, MemmapRows, RowSelection
from engine.data.series.window_index import WindowIndex
from engine.data.splits.split_rows import RowIndices
from engine.data.table.array import Array
from engine.data.table.chunks import release_pages, underlying_mmap


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRows(MemmapRows):
    """The windows of encoded rows. Each row is stored once, as `records`, in memory or on disk.

    Args:
        index: the rows of each window.
        sequences: the names of the Inputs that get all past rows; others get the last of these.
    """

    index: WindowIndex
    sequences: frozenset[str]

    def __len__(self) -> int:
        return len(self.index)

    def select(self, rows: RowIndices) -> MemmapRows:
        """Return the windows with the given numbers, in this order."""
        return replace(self, index=self.index.select(rows))

    def arrays(self, group: str) -> dict[str, Any]:
        """Return the arrays of a group, such as "inputs", by port. Values are read on access."""
        return {
            port: RowSelection(self.records[name], self._rows(group, port))
            for (side, port), name in self.fields.items()
            if side == group
        }

    def _rows(self, group: str, port: str) -> RowIndices | RowSelection:
        if group == "inputs":
            return self.index.past_rows() if port in self.sequences else self.index.last_rows
        # A window has one sample weight: that of the first predicted row.
        return self.index.target_rows(0 if group == "weights" else None)

    def take(self, places: Any) -> dict[str, dict[str, Array]]:
        """Read some windows. Return arrays by group, such as "inputs", and then by port."""
        taken = {
            group: {port: array[places] for port, array in self.arrays(group).items()}
            for group in ARRAY_GROUPS
        }
        release_pages(underlying_mmap(self.records))
        return taken


def window_dataset(report: Report, rows: Dataset, index: WindowIndex) -> Dataset:
    """Return the windows of encoded rows as a dataset that copies no row for each window."""
    stored = rows.memmap or MemmapRows.in_memory(
        {(group, port): x for group in ARRAY_GROUPS for port, x in getattr(rows, group).items()}
    )
    sequences = frozenset(
        name for name, spec in report.input_specs().items() if is_sequence(spec, index.settings)
    )
    windows = WindowRows(stored.records, stored.fields, index=index, sequences=sequences)
    return Dataset.from_memmap(windows, rows.fitted, rows.notes)


def last_rows(dataset: Dataset) -> RowIndices | None:
    """Return the table row with which each window of a dataset ends; None if rows are rows."""
    return dataset.memmap.index.last_rows if isinstance(dataset.memmap, WindowRows) else None

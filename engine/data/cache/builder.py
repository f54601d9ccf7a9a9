"""Builds a cache entry: encodes a table that may be larger than memory, chunk by chunk.

The table is read three times: to collect column statistics and split the rows, to fit the encoders
on the training rows, and to encode the rows. The result is bit-identical to encoding the table in
memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.core.diagnostic import DiagnosticError
from engine.data.cache.cache_key import CacheRequest
from engine.data.cache.column_plan import ColumnPlan
from engine.data.cache.encoder_fit import EncoderFitters
from engine.data.cache.policy import ProgressCallback, ignore_progress
from engine.data.cache.row_encoder import RowEncoder
from engine.data.cache.table_head import TableHead, read_table_head
from engine.data.cache.text_statistics import TextColumnStatistics
from engine.data.dataset.dataset import column_usage_diagnostics
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.readers.csv_line_numbers import add_line_numbers
from engine.data.splits.split_rows import SplitRows
from engine.data.splits.table_split import split_table
from engine.data.table.column_types import Column, concat_columns, is_text
from engine.data.table.table import Table


def build_entry_files(
    path: Path, request: CacheRequest, folder: Path, progress: ProgressCallback = ignore_progress
) -> bool:
    """Write the encoded rows of a table into an empty folder. Return False if the table is empty.

    Raises:
        DiagnosticError: if the table does not fit the network.
        OSError: if the files can't be written.
    """
    assert request.report.mapping is not None, "the mapping has errors"
    head = read_table_head(path, request.report.mapping.file)
    if head is None:
        return False
    try:
        _Builder(head, request, progress).write(folder)
    except DiagnosticError as error:
        raise DiagnosticError(*add_line_numbers(error.diagnostics, head.table)) from None
    return True


@dataclass
class _Builder:
    """Builds one cache entry. `_scan`, `_fit` and `write` are the passes over the table."""

    head: TableHead
    request: CacheRequest
    progress: ProgressCallback

    def __post_init__(self) -> None:
        self.plan = ColumnPlan.from_request(self.request)

    def write(self, folder: Path) -> None:
        split_rows = self._scan()
        self.plan.check_columns(self.head.table)
        fitted = self.request.fitted or self._fit(split_rows)
        table, plan = self.head.table, self.plan
        notes = column_usage_diagnostics(
            table, plan.mapping, plan.inputs, plan.targets.values(), self.request.with_targets
        )
        rows = RowEncoder(self.head, plan, split_rows, self.total, fitted)
        rows.write(folder, (*table.notes, *notes), self._task_progress("Encoding rows"))

    def _scan(self) -> SplitRows:
        """Count the rows, collect statistics of text columns, and return the split."""
        plan, first = self.plan, self.head.table
        split = plan.mapping.split if plan.refit else None
        split_column = split.depends_on if split and split.depends_on in first.columns else None
        texts = [name for name in plan.used_columns(first) if is_text(first.columns[name])]
        plan.text_statistics = {name: TextColumnStatistics(first.decimal) for name in texts}
        others = [split_column] if split_column and split_column not in texts else []
        # To count rows only, read the column with the fewest bytes.
        smallest = min(first.columns, key=lambda name: first.columns[name].nbytes)
        split_values: list[Column] = []
        self.total = 0
        for chunk in self.head.chunks([*texts, *others] or [smallest]):
            for name in texts:
                plan.text_statistics[name].add(chunk.columns[name])
            if split_column:
                split_values.append(chunk.columns[split_column])
            self.total += chunk.row_count
            self.progress(f"Scanning rows: {self.total:,}", 0.0)
        if not plan.refit:
            return SplitRows(*(np.empty(0, np.int64),) * 3)
        recipe = self.request.report.recipe
        assert recipe is not None, "the recipe has errors"
        # A split reads one column at most; the other columns only have the right length.
        placeholder = np.broadcast_to(np.int8(0), (self.total,))
        columns: dict[str, Column] = dict.fromkeys(first.columns, placeholder)
        if split_column:
            columns[split_column] = concat_columns(split_values)
        table = Table(first.path, columns, (), first.dialect)
        return split_table(table, split, recipe, self.request.separate_files)

    def _fit(self, split_rows: SplitRows) -> FittedEncoders:
        fitters = EncoderFitters.create(self.plan, self.head.table)
        if fitters.columns:
            report = self._task_progress("Fitting encoders")
            start, is_training = 0, np.zeros(self.total, bool)
            is_training[split_rows.train] = True
            for chunk in self.head.chunks(fitters.columns):
                fitters.add(chunk, np.flatnonzero(is_training[start : start + chunk.row_count]))
                start += chunk.row_count
                report(start / self.total)
        return fitters.finish(self.head.table)

    def _task_progress(self, task: str) -> Callable[[float], None]:
        return lambda fraction: self.progress(task, fraction)

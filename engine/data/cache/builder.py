"""Brings a table that may be larger than memory to the ports of a network, chunk by chunk.

Three times through the file: what its columns hold and how its rows are divided; the encoders of
the training rows; the rows themselves. Each row becomes what it becomes in memory, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.core.diagnostic import DiagnosticError
from engine.data.cache.cache_key import Asked
from engine.data.cache.column_plan import Plan
from engine.data.cache.encoder_fit import Fits
from engine.data.cache.policy import Progress, silent
from engine.data.cache.row_encoder import RowBuilder
from engine.data.cache.table_head import Head, head_of
from engine.data.cache.text_statistics import Written
from engine.data.dataset.dataset import column_usage_diagnostics
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.readers.csv_line_numbers import add_line_numbers
from engine.data.splits.random import SplitRows
from engine.data.splits.table_split import split_table
from engine.data.table.column_types import Column, is_number, is_text
from engine.data.table.lazy_arrow import pa
from engine.data.table.table import Table


def build(path: Path, asked: Asked, folder: Path, progress: Progress = silent) -> bool:
    """Write the rows of a table into a new folder.

    Args:
        path: the table.
        asked: what is made of it.
        folder: an empty one.
        progress: told what is done, and which share of it.

    Returns:
        False if the table has no rows, so that there is nothing to keep.

    Raises:
        DiagnosticError: with what keeps the table from the network.
        OSError: if the disk does not take it.
    """
    assert asked.report.mapping is not None, "the mapping has faults"
    head = head_of(path, asked.report.mapping.file)
    if head is None:
        return False
    try:
        _Building(head, asked, progress).into(folder)
    except DiagnosticError as refused:
        raise DiagnosticError(*add_line_numbers(refused.diagnostics, head.table)) from None
    return True


@dataclass
class _Building:
    """The steps, in their order."""

    head: Head
    asked: Asked
    progress: Progress

    def __post_init__(self) -> None:
        self.plan = Plan.of(self.asked)

    def into(self, folder: Path) -> None:
        sides = self.looked()
        self.plan.refuse_missing(self.head.table)
        fitted = self.asked.fitted or self.fitted(sides)
        table, plan = self.head.table, self.plan
        notes = column_usage_diagnostics(
            table, plan.mapping, plan.inputs, plan.targets.values(), self.asked.complete
        )
        rows = RowBuilder(self.head, plan, sides, self.total, fitted)
        rows.write(folder, (*table.notes, *notes), self._telling("Encoding rows"))

    def looked(self) -> SplitRows:
        """Count rows, look at texts, and divide the rows."""
        plan, head = self.plan, self.head
        split = plan.mapping.split if plan.refit else None
        by = split.reads if split and split.reads in head.table.columns else None
        texts = [name for name in plan.columns(head.table) if is_text(head.table.columns[name])]
        plan.written = {name: Written(head.table.decimal) for name in texts}
        read = [*texts, *([by] if by and by not in texts else [])]
        column: list[Column] = []
        self.total = 0
        for part in head.chunks(read or [_narrowest(head.table)]):
            for name in texts:
                plan.written[name].add(part.columns[name])
            if by:
                column.append(part.columns[by])
            self.total += part.row_count
            self.progress(f"Looking at rows: {self.total:,}", 0.0)
        if not plan.refit:
            return SplitRows(*(np.empty(0, np.int64),) * 3)
        recipe = self.asked.report.recipe
        assert recipe is not None, "the recipe has faults"
        # Other columns stand for their names, and for the number of rows.
        blank = np.broadcast_to(np.int8(0), (self.total,))
        columns: dict[str, Column] = dict.fromkeys(head.table.columns, blank)
        if by:
            columns[by] = _together(column)
        table = Table(head.table.path, columns, (), head.table.dialect)
        return split_table(table, split, recipe, self.asked.apart)

    def fitted(self, sides: SplitRows) -> FittedEncoders:
        """Fit the encoders on the rows to train on."""
        fits = Fits.begun(self.plan, self.head.sample)
        if fits.columns:
            telling = self._telling("Fitting encoders")
            start, learned = 0, np.zeros(self.total, bool)
            learned[sides.train] = True
            for part in self.head.chunks(fits.columns):
                fits.add(part, np.flatnonzero(learned[start : start + part.row_count]))
                start += part.row_count
                telling(start / self.total)
        return fits.done(self.head.table)

    def _telling(self, doing: str) -> Callable[[float], None]:
        return lambda share: self.progress(doing, share)


def _narrowest(table: Table) -> str:
    """Return the column that is read soonest, to count rows."""
    return min(table.columns, key=lambda name: table.columns[name].nbytes)


def _together(column: list[Column]) -> Column:
    if all(is_number(part) or isinstance(part, np.ndarray) for part in column):
        return np.concatenate(column)
    return pa.concat_arrays(column)

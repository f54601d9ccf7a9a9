"""Builds a cache entry: encodes a table that may be larger than memory, chunk by chunk.

The table is read three times: to collect column statistics and split the rows, to fit the encoders
on the training rows, and to encode the rows. The result is bit-identical to encoding the table in
memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.core.diagnostic import DiagnosticError
from engine.data.cache import storage
from engine.data.cache.cache_key import CacheRequest
from engine.data.cache.chunk_encoder import ChunkEncoder
from engine.data.cache.diagnostic_merge import DiagnosticMerger
from engine.data.cache.policy import ProgressCallback, ignore_progress
from engine.data.cache.row_writer import RowWriter
from engine.data.cache.stream_writer import StreamWriter
from engine.data.cache.table_head import TableHead, read_table_head
from engine.data.cache.text_statistics import TextColumnStatistics
from engine.data.encoders import Encoder
from engine.data.preprocessing.fit import PortFitter
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.readers.csv_line_numbers import add_line_numbers
from engine.data.readers.shards import changed_error
from engine.data.series.series_order import SeriesOrder, find_series
from engine.data.splits.split_rows import EMPTY_SPLIT, SplitRows
from engine.data.splits.table_split import split_table
from engine.data.table.column_types import Column, concat_columns, is_text
from engine.recipe.data_mapping import PortSide


def build_entry_files(
    path: Path,
    request: CacheRequest,
    folder: Path,
    progress: ProgressCallback = ignore_progress,
    is_streamed: bool = False,
) -> bool:
    """Write the encoded rows of a table into an empty folder. Return False if the table is empty.

    If `is_streamed`, all is written but the rows: they are encoded whenever they are needed.

    Raises:
        DiagnosticError: if the table does not fit the network.
        OSError: if the files can't be written.
    """
    assert request.report.mapping is not None, "the mapping has errors"
    dialect = request.report.mapping.file
    head = read_table_head(path, dialect)
    if head is None:
        return False
    try:
        _Builder(head, request, progress).write(folder, is_streamed)
    except DiagnosticError as error:
        raise DiagnosticError(*add_line_numbers(error.diagnostics, path, dialect)) from None
    return True


@dataclass
class _Builder:
    """Builds one cache entry. `_scan`, `_fit` and the writer are the passes over the table."""

    head: TableHead
    request: CacheRequest
    progress: ProgressCallback
    total: int = 0  # the number of rows, counted by `_scan`
    series: SeriesOrder | None = None  # found by `_scan`

    def __post_init__(self) -> None:
        self.encoder = ChunkEncoder(self.request)

    def write(self, folder: Path, is_streamed: bool) -> None:
        split_rows = self._scan()
        found = DiagnosticMerger(self.total)
        self.encoder.check_columns(self.head.table, found)
        found.raise_errors()
        if self.series:
            np.save(folder / storage.SERIES_FILE, (self.series.order, self.series.piece))
        fitted = self.request.fitted or self._fit(split_rows, found)
        writer = StreamWriter if is_streamed else RowWriter
        task = "Checking rows" if is_streamed else "Encoding rows"
        writer(self.head, self.encoder, split_rows, self.total, fitted, folder).write(
            lambda fraction: self.progress(task, fraction)
        )

    def _scan(self) -> SplitRows:
        """Count the rows, collect statistics of text columns, and return the split."""
        encoder, first = self.encoder, self.head.table
        split = encoder.mapping.split if encoder.refit else None
        kept = [split.depends_on or ""] if split else []
        kept += encoder.mapping.windows.columns if encoder.mapping.windows else ()
        values: dict[str, list[Column]] = {name: [] for name in kept if name in first.columns}
        statistics = {
            name: TextColumnStatistics(first.number_form_counter())
            for name in encoder.used_columns(first)
            if is_text(first.columns[name])
        }
        # To count rows only, read the column with the fewest bytes.
        smallest = min(first.columns, key=lambda name: first.columns[name].nbytes)
        names = list(dict.fromkeys([*statistics, *values]))
        known = None if names else self.head.count_rows()  # Parquet files state it
        self.total = known or 0
        chunks = () if known else self.head.chunks(names or [smallest])
        for start, chunk in chunks:
            for name, column_statistics in statistics.items():
                column_statistics.add(chunk.columns[name])
            for name, parts in values.items():
                parts.append(chunk.columns[name])
            self.total = start + chunk.row_count
            self.progress(f"Scanning rows: {self.total:,}", 0.0)
        encoder.text_statistics = {name: x.summary() for name, x in statistics.items()}
        if self.total < first.row_count:
            raise changed_error(first.path)
        # Splits and windows read the columns in `values`; the others only have the right length.
        placeholder = np.broadcast_to(np.int8(0), (self.total,))
        split_columns: dict[str, Column] = dict.fromkeys(first.columns, placeholder)
        split_columns |= {name: concat_columns(parts) for name, parts in values.items()}
        table = replace(first, columns=split_columns, notes=())
        self.series = find_series(table, encoder.mapping, self.request.with_targets)
        if not encoder.refit:
            return EMPTY_SPLIT
        recipe = self.request.report.recipe
        assert recipe is not None, "the recipe has errors"
        return split_table(table, split, recipe, self.request.separate_files)

    def _fit(self, split_rows: SplitRows, found: DiagnosticMerger) -> FittedEncoders:
        """Return the encoders of all ports, fitted on the training rows in one pass.

        Raises:
            DiagnosticError: with the errors of all ports, in all rows.
        """
        encoder, fitters = self.encoder, []
        for (side, port), spec in encoder.ports.items():
            with found.collect_errors():
                # The first rows show the types of the columns.
                columns = encoder.port_columns(self.head.table, side, port)
                fitters.append(PortFitter(columns, port, spec))
        found.raise_errors()
        fitters = [fitter for fitter in fitters if fitter.needs_fit]
        sources = [encoder.mapping.source(fitter.side, fitter.port) for fitter in fitters]
        names = list(dict.fromkeys(name for source in sources for name in source.column_names))
        is_training = np.zeros(self.total, bool)
        is_training[split_rows.train] = True
        for start, chunk in self.head.chunks(names) if names else ():
            self.progress("Fitting encoders", start / self.total)
            train = np.flatnonzero(is_training[start : start + chunk.row_count])
            for fitter in fitters:
                with found.collect_errors(start):
                    fitter.add(encoder.port_columns(chunk, fitter.side, fitter.port, train))
        found.raise_errors()
        encoders: dict[PortSide, dict[str, Encoder]] = {"inputs": {}, "targets": {}}
        for fitter in fitters:
            # Of these rows, only their number matters: errors depend on it being above 0.
            rows = np.arange(self.head.table.row_count)
            with found.collect_errors():
                fitted = fitter.finish(
                    encoder.port_columns(self.head.table, fitter.side, fitter.port, rows)
                )
                if fitted is not None:
                    encoders[fitter.side][fitter.port] = fitted
        found.raise_errors()
        return FittedEncoders(inputs=encoders["inputs"], targets=encoders["targets"])

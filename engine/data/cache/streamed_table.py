"""The dataset of a streamed table: its rows are read and encoded whenever they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic
from engine.data.cache.cache_key import CacheRequest
from engine.data.cache.chunk_encoder import ChunkEncoder
from engine.data.cache.diagnostic_merge import DiagnosticMerger
from engine.data.cache.storage import SAMPLE_FILE, TARGETS_FILE
from engine.data.cache.table_head import TableHead, read_table_head
from engine.data.cache.text_statistics import TextSummary
from engine.data.dataset.dataset import Dataset
from engine.data.dataset.memmap_rows import ARRAY_GROUPS, FieldKey, MemmapRows
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.readers.shard_reader import probe_shards
from engine.data.splits.split_rows import RowIndices
from engine.data.table.column_types import take_rows
from engine.data.table.table import Table

Array = NDArray[Any]
_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")


@dataclass(frozen=True, slots=True)
class StreamedTable:
    """A table with all that is needed to encode its rows.

    Args:
        head: the first rows and the shards.
        sample: the encoded rows with the numbers `sample_rows`.
        has_target: for each row whether it has a target, by output with missing targets.
        digest: the SHA-256 of all encoded rows.
    """

    head: TableHead
    encoder: ChunkEncoder
    fitted: FittedEncoders
    sample: MemmapRows
    sample_rows: RowIndices
    has_target: Mapping[str, NDArray[np.bool_]]
    digest: str

    @classmethod
    def open(
        cls,
        path: Path,
        request: CacheRequest,
        folder: Path,
        record: Mapping[str, Any],
        sample: MemmapRows,
    ) -> StreamedTable:
        """Open the table at `path` with the entry in `folder`, which has the record `record`.

        Raises:
            OSError: if a file of the entry can't be read.
            DiagnosticError: if the table can't be read.
        """
        mapping, stream = request.report.mapping, record["stream"]
        head = read_table_head(path, mapping.file if mapping else None)
        assert head is not None, "the table had rows"
        head.shard_rows[:] = stream["shard_rows"]
        encoder = ChunkEncoder(request)
        texts = stream["texts"].items()
        encoder.text_statistics = {name: TextSummary(**summary) for name, summary in texts}
        flags = np.load(folder / TARGETS_FILE, mmap_mode="r", allow_pickle=False)
        has_target = dict(zip(stream["masked"], flags, strict=False))
        rows = np.load(folder / SAMPLE_FILE, allow_pickle=False)
        fitted = FittedEncoders.from_params(record["fitted"])
        return cls(head, encoder, fitted, sample, rows, has_target, record["digest"])

    def read(self, shard: int, rows: RowIndices) -> Iterator[dict[FieldKey, Array]]:
        """Yield the encoded arrays of some rows of a shard, in chunks.

        `rows` are row numbers of the shard in ascending order, at least one.

        Raises:
            DiagnosticError: if the shard was changed meanwhile.
        """
        columns, start = self.encoder.used_columns(self.head.table), 0
        width = self.sample.records.itemsize
        for chunk in self.head.chunks_of_shard(shard, columns, width):
            first, last = np.searchsorted(rows, (start, start + chunk.row_count))
            if first < last:
                yield self._encode(_take(chunk, rows[first:last] - start))
            start += chunk.row_count
            if start > rows[-1]:
                return
        raise self.head.change_error()

    def _encode(self, chunk: Table) -> dict[FieldKey, Array]:
        found, notes = DiagnosticMerger(chunk.row_count), DiagnosticMerger(chunk.row_count)
        arrays = self.encoder.encode(chunk, 0, self.fitted, found, notes)
        found.raise_errors()
        return {field: arrays[field] for field in self.sample.fields}


def _take(chunk: Table, rows: RowIndices) -> Table:
    if len(rows) == chunk.row_count:
        return chunk
    return replace(chunk, columns={n: take_rows(x, rows) for n, x in chunk.columns.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedDataset(Dataset):
    """A dataset whose arrays have only a sample of its rows; `read` yields them all.

    Args:
        table: the table with these rows.
        rows: their row numbers in the table, in ascending order; None for all rows.
    """

    table: StreamedTable
    rows: RowIndices | None

    @classmethod
    def of_rows(
        cls, table: StreamedTable, rows: RowIndices | None, notes: tuple[Diagnostic, ...] = ()
    ) -> StreamedDataset:
        """Return the dataset of some rows of a table."""
        sample = table.sample
        if rows is not None:
            starts, ends = (np.searchsorted(rows, table.sample_rows, side) for side in _SIDES)
            sample = sample.select(np.flatnonzero(starts < ends))
        inputs, targets, masks, weights = map(sample.arrays, ARRAY_GROUPS)
        return cls(inputs, targets, table.fitted, notes, masks, weights, table=table, rows=rows)

    @property
    def row_count(self) -> int:
        """The number of all rows."""
        return sum(self.table.head.shard_rows) if self.rows is None else len(self.rows)

    @property
    def is_streamed(self) -> bool:
        """True: the rows are read from the table in each epoch."""
        return True

    def target_count(self, output: str) -> int:
        """Return the number of rows in which at least one target value of an output is present."""
        has_target = self.table.has_target.get(output)
        if has_target is None:
            return self.row_count
        return int((has_target if self.rows is None else has_target[self.rows]).sum())

    def subset(self, indices: RowIndices) -> Dataset:
        """Return a dataset of the given rows, which are in ascending order."""
        rows = indices if self.rows is None else self.rows[indices]
        return StreamedDataset.of_rows(self.table, rows)

    def digest(self) -> str:
        """Return the SHA-256 of all values of the table."""
        return self.table.digest

    @property
    def shard_edges(self) -> RowIndices:
        """For each shard the index of its first row among these rows, then the row count."""
        edges = np.cumsum([0, *self.table.head.shard_rows])
        return edges if self.rows is None else np.searchsorted(self.rows, edges)

    def probe(self, shards: Sequence[int]) -> None:
        """Check some shards for damage before they are read; the arguments are their indices."""
        probe_shards([self.table.head.shards[index] for index in shards if self.table.head.shards])

    def read(self, shard: int, start: int, stop: int) -> Iterator[dict[FieldKey, Array]]:
        """Yield the arrays of the rows from index `start` to `stop`, in chunks.

        Both are indices among these rows, of rows of the given shard.
        """
        rows = np.arange(start, stop) if self.rows is None else self.rows[start:stop]
        return self.table.read(shard, rows - sum(self.table.head.shard_rows[:shard]))

"""The rows of a streamed table, which are read and encoded whenever they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cache.cache_key import CacheRequest
from engine.data.cache.chunk_encoder import ChunkEncoder
from engine.data.cache.diagnostic_merge import DiagnosticMerger
from engine.data.cache.storage import STORED
from engine.data.cache.table_head import TableHead, read_table_head
from engine.data.cache.text_statistics import TextSummary
from engine.data.dataset.memmap_rows import FieldKey, MemmapRows, fields_by_group
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.readers.shards import changed_error
from engine.data.splits.split_rows import TEST, VALIDATION, RowIndices
from engine.data.table.column_types import take_rows
from engine.data.table.table import Table

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedRows(MemmapRows):
    """All rows of a streamed table, or its training rows, of which a file has some.

    Args:
        rows: the selected row numbers of the table in ascending order, None for all.
        codes: the code of each row in the entry, which tells its subset and whether it is stored.
        labelled: the number of rows with a target, by output with missing targets.
    """

    head: TableHead
    encoder: ChunkEncoder
    fitted: FittedEncoders
    codes: NDArray[np.uint8]
    labelled: Mapping[str, int]
    _unfinished: dict[int, _ShardReader] = field(default_factory=dict, init=False)

    @classmethod
    def from_entry(
        cls, path: Path, request: CacheRequest, record: Mapping[str, Any], file: MemmapRows,
        codes: NDArray[np.uint8],
    ) -> StreamedRows:  # fmt: skip
        """Return all rows of the table at `path`, whose cache entry has the record `record`.

        Raises:
            DiagnosticError: if the table can't be read.
        """
        mapping, stream = request.report.mapping, record["stream"]
        head = read_table_head(path, mapping.file if mapping else None)
        assert head is not None, "the table had rows"
        head.shard_rows[:] = stream["shard_rows"]
        encoder, texts = ChunkEncoder(request), stream["texts"].items()
        encoder.text_statistics = {name: TextSummary(**summary) for name, summary in texts}
        fitted = FittedEncoders.from_params(record["fitted"])
        return cls(
            file.records, file.fields, head=head, encoder=encoder, fitted=fitted, codes=codes,
            labelled=stream["labelled"],
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.codes) if self.rows is None else len(self.rows)

    def select(self, rows: RowIndices) -> MemmapRows:
        """Return the rows of a subset, whose numbers are in ascending order."""
        is_held_out = np.isin(self.codes[rows] % STORED, (VALIDATION, TEST)).all()
        return self._stored_among(rows) if is_held_out else replace(self, rows=rows)

    def _stored_among(self, rows: RowIndices) -> MemmapRows:
        is_selected = np.zeros(len(self.codes), bool)
        is_selected[rows] = True
        places = np.flatnonzero(is_selected[self.codes >= STORED])
        return MemmapRows(self.records, self.fields, places)

    def arrays(self, group: str) -> dict[str, Any]:
        """Return the arrays of a group, such as "inputs", by port, with the stored rows only."""
        file = MemmapRows(self.records, self.fields)
        return (file if self.rows is None else self._stored_among(self.rows)).arrays(group)

    def target_count(self, output: str) -> int:
        """Return the number of rows in which at least one target value of an output is present."""
        return self.labelled.get(output, len(self))

    @property
    def shard_edges(self) -> RowIndices:
        """For each shard the index of its first row among these rows, then the row count."""
        edges = np.cumsum([0, *self.head.shard_rows])
        return edges if self.rows is None else np.searchsorted(self.rows, edges)

    def take(self, places: Any) -> dict[str, dict[str, Array]]:
        """Read some of these rows. Return arrays by group, such as "inputs", and then by port.

        A shard of which the next call needs the following rows is not opened again.

        Raises:
            DiagnosticError: if a shard was changed meanwhile.
        """
        if isinstance(places, slice):
            places = np.arange(*places.indices(len(self)))
        fields = {key: self.records[name] for key, name in self.fields.items()}
        arrays = {
            key: np.empty((len(places), *field.shape[1:]), field.dtype)
            for key, field in fields.items()
        }
        columns = self.encoder.used_columns(self.head.table)
        edges, previous = self.shard_edges, self._unfinished.copy()
        self._unfinished.clear()
        shards = np.searchsorted(edges, places, "right") - 1
        for shard in np.unique(shards).tolist():
            indices = np.flatnonzero(shards == shard)
            rows = places[indices] if self.rows is None else self.rows[places[indices]]
            reader = previous.get(shard)
            if reader is None or reader.start > rows.min():
                reader = _ShardReader(self.head, shard, columns, self.records.itemsize)
            for found, table in reader.read(rows):
                for key, values in self._encode(table).items():
                    arrays[key][indices[found]] = values
            if places[indices].max() + 1 < edges[shard + 1]:
                self._unfinished[shard] = reader
        return fields_by_group(arrays)

    def _encode(self, table: Table) -> dict[FieldKey, Array]:
        found, notes = DiagnosticMerger(table.row_count), DiagnosticMerger(table.row_count)
        arrays = self.encoder.encode(table, 0, self.fitted, found, notes)
        found.raise_errors()
        return {key: arrays[key] for key in self.fields}


class _ShardReader:
    """Reads rows of a shard, and keeps the last chunk, which begins with row `start`."""

    def __init__(self, head: TableHead, shard: int, columns: Sequence[str], width: int) -> None:
        self._path, self._chunks = head.table.path, head.chunks(columns, width, shard)
        self._read_chunk()

    def _read_chunk(self) -> None:
        following = next(self._chunks, None)
        if following is None:
            raise changed_error(self._path)
        self.start, self._chunk = following

    def read(self, rows: RowIndices) -> Iterator[tuple[RowIndices, Table]]:
        """Yield tables of the given rows, each with the indices of its rows in `rows`.

        Raises:
            DiagnosticError: if the shard was changed.
        """
        while True:
            chunk, end = self._chunk, self.start + self._chunk.row_count
            found = np.flatnonzero((rows >= self.start) & (rows < end))
            if len(found):
                numbers = rows[found] - self.start
                columns = {name: take_rows(x, numbers) for name, x in chunk.columns.items()}
                yield found, replace(chunk, columns=columns)
            if rows.max() < end:
                return
            self._read_chunk()

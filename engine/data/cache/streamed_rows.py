"""The rows of a streamed table, which are read and encoded whenever they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from engine.data.table.array import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedRows(MemmapRows):
    """All rows of a streamed table, or its training rows, of which a file has some.

    Args:
        rows: the selected row numbers of the table in ascending order, None for all.
        codes: the code of each row in the entry, which tells its subset and whether it is stored.
    """

    head: TableHead
    encoder: ChunkEncoder
    fitted: FittedEncoders
    codes: NDArray[np.uint8]
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
        encoder.text_statistics = {
            name: TextSummary.from_params(summary) for name, summary in texts
        }
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
        edges, previous = self.shard_edges, self._unfinished.copy()
        self._unfinished.clear()
        shards = np.searchsorted(edges, places, "right") - 1
        pieces: dict[FieldKey, list[Array]] = {key: [] for key in self.fields}
        read: list[RowIndices] = []  # indices into `places`, in the order in which rows are read
        for shard in np.flatnonzero(np.bincount(shards)).tolist():
            indices = np.flatnonzero(shards == shard)
            rows = places[indices] if self.rows is None else self.rows[places[indices]]
            reader = previous.get(shard)
            if reader is None or reader.start > rows.min():
                reader = _ShardReader(self, shard)
            for found, chunk in reader.read(rows):
                read.append(indices[found])
                for key, values in chunk.items():
                    pieces[key].append(values.take(rows[found] - reader.start, axis=0))
            if places[indices].max() + 1 < edges[shard + 1]:
                self._unfinished[shard] = reader
        order = np.empty(len(places), np.int64)
        order[np.concatenate(read)] = np.arange(len(places))
        arrays = {
            key: np.concatenate(pieces[key], dtype=self.records[name].dtype).take(order, axis=0)
            for key, name in self.fields.items()
        }
        return fields_by_group(arrays)

    def encoded_chunks(self, shard: int) -> Iterator[tuple[int, dict[FieldKey, Array]]]:
        """Yield the encoded arrays of a shard in chunks, each with the number of its first row.

        Raises:
            DiagnosticError: if the shard was changed.
        """
        columns, width = self.encoder.used_columns(self.head.table), self.records.itemsize
        end = sum(self.head.shard_rows[: shard + 1])
        for start, chunk in self.head.chunks(columns, width, shard):
            found, notes = DiagnosticMerger(end), DiagnosticMerger(end)
            arrays = self.encoder.encode(chunk, start, self.fitted, found, notes)
            found.raise_errors()
            yield start, {key: arrays[key] for key in self.fields}
        raise changed_error(self.head.table.path)  # since a row after the last chunk is read


class _ShardReader:
    """Reads rows of a shard, and keeps the last chunk, which begins with row `start`."""

    def __init__(self, rows: StreamedRows, shard: int) -> None:
        self._chunks = rows.encoded_chunks(shard)
        self.start, self._chunk = next(self._chunks)

    def read(self, rows: RowIndices) -> Iterator[tuple[RowIndices, dict[FieldKey, Array]]]:
        """Yield chunks with some of the given rows, and the indices in `rows` of these."""
        while True:
            end = self.start + len(next(iter(self._chunk.values())))
            found = np.flatnonzero((rows >= self.start) & (rows < end))
            if len(found):
                yield found, self._chunk
            if rows.max() < end:
                return
            self.start, self._chunk = next(self._chunks)

"""The head of a table: the first rows. They define the dialect and the size of chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.files.atomic_write import printable_path
from engine.core.formatting.urls import path_text
from engine.data.readers.registry import detect_file_dialect
from engine.data.readers.shard_reader import (
    detect_shard_dialect,
    joined_shards_infos,
    shard_chunks,
)
from engine.data.readers.shards import Shard, find_shards, footer_row_count
from engine.data.readers.table_file import os_errors, read_table_chunks, resolve_data_path
from engine.data.readers.text.csv_dialect import dialect_notes
from engine.data.table.column_types import column_bytes, is_number
from engine.data.table.table import Table
from engine.recipe.csv_dialect import Dialect

_HEAD_ROWS = 64  # the rows of `TableHead.table`
CHUNK_BYTES = 2**24  # maximum bytes of a chunk, encoded or not
MAX_CHUNK_ROWS = 2**16  # maximum rows of a chunk


@dataclass(frozen=True, slots=True)
class TableHead:
    """The first rows of a table.

    Args:
        table: the first 64 rows, with all columns.
        dialect: the dialect of a CSV file, None for other files.
        shards: the shards of the table; () for all other tables, which count as one shard.
        shard_rows: the number of rows of each shard, known after all chunks were read.
    """

    table: Table
    dialect: Dialect | None
    shards: tuple[Shard, ...] = ()
    shard_rows: list[int] = field(default_factory=list)

    @property
    def row_bytes(self) -> int:
        """The size of an unencoded row in memory, in bytes."""
        return self._per_row(sum(column.nbytes for column in self.table.columns.values()))

    @property
    def file_row_bytes(self) -> int:
        """The approximate size of a row in an uncompressed file, in bytes."""
        size = 0
        for column in self.table.columns.values():
            # A text has an offset of 8 bytes in memory, and a delimiter of one byte in a file.
            size += column_bytes(column) - (0 if is_number(column) else 7 * len(column))
        return self._per_row(size)

    def _per_row(self, size: int) -> int:
        return max(size // max(self.table.row_count, 1), 1)

    def chunks(self, columns: Sequence[str], width: int = 0) -> Iterator[tuple[int, Table]]:
        """Yield the whole table in chunks, each with the number of its first row.

        Args:
            columns: the names of the columns to read, at least one.
            width: the bytes of an encoded row. Chunks of larger rows have fewer rows.
        """
        counts = [0] * max(len(self.shards), 1)
        start = 0
        for index, chunk in self._read(columns, width, self.shards):
            yield start, chunk
            start += chunk.row_count
            counts[index] += chunk.row_count
        self.shard_rows[:] = counts

    def chunks_of_shard(self, index: int, columns: Sequence[str], width: int) -> Iterator[Table]:
        """Yield one shard in chunks. For the other arguments see `chunks`."""
        for _, chunk in self._read(columns, width, self.shards[index : index + 1]):
            yield chunk

    def _read(
        self, columns: Sequence[str], width: int, shards: Sequence[Shard]
    ) -> Iterator[tuple[int, Table]]:
        """Yield the chunks of shards, each with the index of its shard."""
        path, dialect = self.table.path, self.table.dialect
        rows = min(max(CHUNK_BYTES // max(width, self.row_bytes), 1), MAX_CHUNK_ROWS)
        if not shards:
            for chunk in read_table_chunks(path, columns, rows, self.dialect):
                yield 0, replace(chunk, path=path, dialect=dialect)
            return
        with os_errors(path):
            for index, part in shard_chunks(shards, columns, rows, self.dialect):
                yield index, Table(path, part, (), dialect)

    def count_rows(self) -> int | None:
        """Return the number of rows if the files state it, else None."""
        with os_errors(self.table.path):
            counts = footer_row_count(self.shards) if self.shards else None
        self.shard_rows[:] = counts or ()
        return None if counts is None else sum(counts)

    def change_error(self) -> DiagnosticError:
        """Return the error that the rows of the table changed while they were read."""
        name = printable_path(path_text(self.table.path))
        message, fix = f"{name} changed while it was read", "Run again when its file is complete."
        return DiagnosticError(
            Diagnostic("data-unreadable", message, place=name, fixes=(Fix(fix),))
        )


def read_table_head(path: Path, given: Dialect | None) -> TableHead | None:
    """Return the first rows of a table, None if it has none. `given` is the user's dialect, if any.

    Raises:
        DiagnosticError: if the table can't be read.
    """
    with os_errors(path):
        shards = find_shards(path)
        location, arrays = (path, []) if shards else resolve_data_path(path)
        table_path = location if location.is_dir() else path
        detected: Dialect | None = None
        if shards:
            detected, location = detect_shard_dialect(shards, given), Path(shards[0].name)
        elif not arrays and not location.is_dir():
            detected = detect_file_dialect(location, given)
    notes = tuple(joined_shards_infos(shards))
    read_dialect: Dialect | None = None
    if detected is not None:
        requested = given or Dialect()
        notes += tuple(dialect_notes(detected, requested, location))
        # Don't fix the encoding (charset): later lines may show that the detected one is wrong.
        read_dialect = detected.model_copy(update={"encoding": requested.encoding})
    first = next(read_table_chunks(path, None, _HEAD_ROWS, read_dialect), None)
    if first is None:
        return None
    table = Table(table_path, first.columns, notes, detected)
    return TableHead(table, read_dialect, tuple(shards))

"""The head of a table: the first rows. They define the dialect and the size of chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.data.readers.shard_reader import shard_chunks, shared_dialect
from engine.data.readers.shards import Shard, find_shards, footer_row_count
from engine.data.readers.table_file import os_errors, read_table_chunks
from engine.data.table.column_types import is_number
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
        shards: the files of the table; () for arrays and images, which count as one shard.
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
            size += column.nbytes - (0 if is_number(column) else 7 * len(column))
        return self._per_row(size)

    def _per_row(self, size: int) -> int:
        return max(size // max(self.table.row_count, 1), 1)

    def chunks(
        self, columns: Sequence[str], width: int = 0, shard: int | None = None
    ) -> Iterator[tuple[int, Table]]:
        """Yield the whole table or a shard in chunks, each with the number of its first row.

        Args:
            columns: the names of the columns to read, at least one.
            width: the bytes of an encoded row. Chunks of larger rows have fewer rows.
            shard: the index of the shard, None for all. The shards were read before.

        Raises:
            DiagnosticError: if the table can't be read, or if a shard that was read was changed.
        """
        path = self.table.path
        rows = min(max(CHUNK_BYTES // max(width, self.row_bytes), 1), MAX_CHUNK_ROWS)
        shards = self.shards if shard is None else self.shards[shard : shard + 1]
        is_known, start = bool(self.shard_rows), sum(self.shard_rows[: shard or 0])
        counts = [0] * max(len(self.shards), 1)
        with os_errors(path):
            if shards:
                parts = shard_chunks(shards, columns, rows, self.dialect, is_known)
            else:
                parts = ((0, table) for table in read_table_chunks(path, columns, rows))
            for index, part in parts:
                if not part.row_count:
                    continue
                chunk = replace(self.table, columns=part.columns, notes=())
                yield start, chunk
                start += chunk.row_count
                counts[index] += chunk.row_count
        if shard is None:
            self.shard_rows[:] = counts

    def count_rows(self) -> int | None:
        """Return the number of rows if the files state it, else None."""
        with os_errors(self.table.path):
            return footer_row_count(self.shards)


def read_table_head(path: Path, given: Dialect | None) -> TableHead | None:
    """Return the first rows of a table, None if it has none. `given` is the user's dialect, if any.

    Raises:
        DiagnosticError: if the table can't be read.
    """
    with os_errors(path):
        shards = find_shards(path)
    first = next(read_table_chunks(path, None, _HEAD_ROWS, given, shards), None)
    if first is None:
        return None
    return TableHead(first, shared_dialect(first.dialect, given), tuple(shards))

"""Reads Parquet: what the file declares is summed before any value is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.arrow import Budget, columns_of, refuse_schema
from engine.data.kinds import Column
from engine.data.native import too_large
from engine.data.read import Read
from engine.data.regroup import regrouped

BATCH = 2**16
SMALL_BATCH = 2**10
_WIDTHS = {"BOOLEAN": 1, "INT32": 4, "INT64": 8, "INT96": 8, "FLOAT": 4, "DOUBLE": 8}


def read_parquet(path: Path, limit: int) -> Read:
    """Read all columns of a file.

    Raises:
        Refused: if it is damaged, holds what can't be trained on, or declares more than `limit`
            bytes.
    """
    with _opened(path) as file:
        names = file.schema_arrow.names
        _refuse_size(file.metadata, path, limit)
        budget = Budget(path, limit)
        batches = list(_batches(file, names, budget))
        table = pa.Table.from_batches(batches, _schema(file, names, batches))
        del batches
        return columns_of(table, path, budget)


def parquet_chunks(
    path: Path, columns: Sequence[str] | None, rows: int
) -> Iterator[dict[str, Column]]:
    """Yield some columns of a file, at most `rows` rows at a time.

    Raises:
        Refused: as `read_parquet` does, but for the size.
    """
    with _opened(path, columns) as file:
        names = file.schema_arrow.names if columns is None else columns
        unlimited = Budget(path, None)
        for part in regrouped(_batches(file, names, unlimited), rows):
            read = columns_of(part, path, unlimited).columns
            yield {name: read[name] for name in names}


@contextmanager
def _opened(path: Path, columns: Sequence[str] | None = None) -> Iterator[pq.ParquetFile]:
    """Open a file whose schema can be read."""
    try:
        with pq.ParquetFile(path, read_dictionary=_dictionaries(path), memory_map=True) as file:
            schema = file.schema_arrow
            chosen = schema if columns is None else pa.schema([schema.field(n) for n in columns])
            refuse_schema(chosen, path)
            yield file
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise
        raise Refused(_damaged(path, str(error))) from error


def _dictionaries(path: Path) -> list[str]:
    """Answer the columns of text that the file keeps as dictionaries.

    Why: looked up while reading, a text that stands in every row would fill the memory before
    anybody could count.
    """
    with pq.ParquetFile(path, memory_map=True) as file:
        found: set[str] = set()
        for group in range(file.metadata.num_row_groups):
            part = file.metadata.row_group(group)
            for place in range(part.num_columns):
                column = part.column(place)
                if column.physical_type == "BYTE_ARRAY" and column.has_dictionary_page:
                    found.add(column.path_in_schema)
    return sorted(found)


def _refuse_size(metadata: pq.FileMetaData, path: Path, limit: int) -> None:
    size = 0
    for group in range(metadata.num_row_groups):
        part = metadata.row_group(group)
        for place in range(part.num_columns):
            column = part.column(place)
            width = _WIDTHS.get(column.physical_type, 8)
            size += max(column.num_values * width, column.total_uncompressed_size)
    if size > limit:
        raise Refused(too_large(path, size, limit))


def _batches(
    file: pq.ParquetFile, columns: Sequence[str], budget: Budget
) -> Iterator[pa.RecordBatch]:
    for batch in file.iter_batches(_batch(file.metadata), columns=list(columns), use_threads=False):
        budget.take(batch.nbytes)
        yield batch


def _batch(metadata: pq.FileMetaData) -> int:
    """Answer how many rows to read at a time; few where each text may repeat the one before."""
    for group in range(metadata.num_row_groups):
        part = metadata.row_group(group)
        for place in range(part.num_columns):
            if "DELTA_BYTE_ARRAY" in part.column(place).encodings:
                return SMALL_BATCH
    return BATCH


def _schema(
    file: pq.ParquetFile, names: Sequence[str], batches: Sequence[pa.RecordBatch]
) -> pa.Schema:
    """Answer the schema as it is read, which has dictionaries where the file's own has text."""
    if batches:
        return batches[0].schema
    return pa.schema([file.schema_arrow.field(name) for name in names])


def _damaged(path: Path, said: str) -> Diagnostic:
    return Diagnostic(
        "data-format",
        f'"{path.name}" is no Parquet file, or is damaged',
        place=str(path),
        found=" ".join(said.split())[:120],
        expected="a file as pyarrow or pandas write it",
        fixes=(Fix("Write the file again, or copy it again from where it came."),),
    )

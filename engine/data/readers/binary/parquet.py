"""Reader of Parquet files, which checks the sizes that a file declares against a memory limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.readers.binary.arrow_columns import arrow_to_columns, validate_batch
from engine.data.readers.binary.arrow_schema import check_schema
from engine.data.readers.binary.parquet_footer import (
    DELTA_BYTE_ARRAY,
    ColumnChunk,
    read_column_chunks,
)
from engine.data.table.column_types import ColumnChunks
from engine.data.table.read_result import ReadResult
from engine.data.table.rebatch import rebatch
from engine.data.table.size_limit import MemoryBudget

MAX_BATCH_ROWS = 2**16  # the maximum number of rows that are read at a time
MAX_BATCH_TEXT_BYTES = 2**26  # the maximum size of decoded text in a batch
ASSUMED_TEXT_BYTES = 2**16  # the size of the longest text, if it is unknown


def read_parquet(path: Path, limit: int) -> ReadResult:
    """Return all columns of a Parquet file, which may take up to `limit` bytes of memory.

    Raises:
        DiagnosticError: if the file is damaged, has unsupported types, or needs more memory.
    """
    budget = MemoryBudget(path, limit)
    with _open(path, limit=limit) as (file, batch_rows):
        names = file.schema_arrow.names
        batches = list(_batches(file, batch_rows, names, budget))
        table = pa.Table.from_batches(batches, batches[0].schema if batches else file.schema_arrow)
        del batches
        validate_batch(table, path)
        return arrow_to_columns(table, path, budget)


def parquet_chunks(path: Path, columns: Sequence[str] | None, rows: int) -> ColumnChunks:
    """Yield chunks of at most `rows` rows of a file; read all columns if `columns` is None.

    Raises:
        DiagnosticError: as `read_parquet`, but there is no limit on the size.
    """
    with _open(path, columns) as (file, batch_rows):
        names = file.schema_arrow.names if columns is None else columns
        unlimited = MemoryBudget(path, None)
        for table in rebatch(_batches(file, batch_rows, names, unlimited), rows):
            validate_batch(table, path)
            converted = arrow_to_columns(table, path, unlimited).columns
            yield {name: converted[name] for name in names}


@contextmanager
def _open(
    path: Path, columns: Sequence[str] | None = None, limit: int | None = None
) -> Iterator[tuple[pq.ParquetFile, int]]:
    """Check `columns` (None: all) and size of a file; yield (open file, rows to read per batch)."""
    try:
        chunks = read_column_chunks(path)
        MemoryBudget(path, limit).consume(sum(chunk.min_memory_bytes for chunk in chunks))
        with _parquet_file(path, _dictionary_lists(chunks)) as file:
            schema = file.schema_arrow
            selected = schema if columns is None else pa.schema([schema.field(n) for n in columns])
            check_schema(selected, path)
            yield file, _batch_rows(path, chunks, limit)
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise
        raise DiagnosticError(_damaged_diagnostic(path, str(error))) from error


def _parquet_file(path: Path, dictionary_columns: list[str]) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, read_dictionary=dictionary_columns, memory_map=True)
    except KeyError as error:
        raise ValueError(f"a column {error} that is not in the schema") from error


def _dictionary_lists(chunks: Sequence[ColumnChunk]) -> list[str]:
    """Return the names of list columns whose dictionary encoding pyarrow must keep.

    Why: if pyarrow decoded a long text that is repeated in a list, memory could fill up before the
    size is checked.
    """
    return sorted({chunk.path for chunk in chunks if chunk.dictionary_size and "." in chunk.path})


def _batches(
    file: pq.ParquetFile, batch_rows: int, columns: Sequence[str], budget: MemoryBudget
) -> Iterator[pa.RecordBatch]:
    for batch in file.iter_batches(batch_rows, columns=list(columns), use_threads=False):
        budget.consume(batch.nbytes)
        yield batch


def _batch_rows(path: Path, chunks: Sequence[ColumnChunk], limit: int | None) -> int:
    """Return how many rows to read per batch, so that even a batch of the longest texts is small.

    If the decoded text of the file may exceed `limit` bytes, also compute its exact size, and raise
    an error if it does. The file doesn't declare the decoded size of dictionary-encoded text, but
    the number of values times the length of the longest text is an upper bound.
    """
    large = [
        chunk
        for chunk in chunks
        if chunk.dictionary_size * MAX_BATCH_ROWS > MAX_BATCH_TEXT_BYTES and "." not in chunk.path
    ]
    longest = _longest_text(path, _paths(large)) if large else 1
    plain = {chunk.path for chunk in large if not chunk.is_dictionary_encoded}
    indexed = [chunk for chunk in large if chunk.path not in plain]
    if limit is not None and longest * sum(chunk.value_count for chunk in indexed) > limit:
        _check_text_size(path, _paths(indexed), limit)
    # In this encoding, a text may begin with a part of the previous text, so sizes are unknown.
    if any(DELTA_BYTE_ARRAY in chunk.encodings for chunk in chunks):
        longest = max(longest, ASSUMED_TEXT_BYTES)
    return min(MAX_BATCH_ROWS, max(1, MAX_BATCH_TEXT_BYTES // longest))


def _paths(chunks: Sequence[ColumnChunk]) -> list[str]:
    return sorted({chunk.path for chunk in chunks})


def _longest_text(path: Path, columns: list[str]) -> int:
    """Return the size in bytes of the longest text in the Parquet dictionaries of `columns`."""
    longest = 1
    for group in _dictionary_batches(path, columns, 1):
        for array in next(group, []):
            lengths = pc.binary_length(array.dictionary)
            longest = max(longest, pc.max(lengths).as_py() or 0)
    return longest


def _check_text_size(path: Path, columns: list[str], limit: int) -> None:
    """Raise an error if the text of columns, once decoded, would take more than `limit` bytes."""
    budget = MemoryBudget(path, limit)
    groups = _dictionary_batches(path, columns, MAX_BATCH_ROWS)
    for array in chain.from_iterable(chain.from_iterable(groups)):
        lengths = pc.binary_length(array.dictionary).take(array.indices)
        budget.consume(pc.sum(lengths).as_py() or 0)


def _dictionary_batches(
    path: Path, columns: list[str], rows: int
) -> Iterator[Iterator[list[pa.DictionaryArray]]]:
    """For each row group, yield an iterator over batches of at most `rows` rows.

    A batch is a list of arrays, one for each of `columns` that is dictionary-encoded.
    """
    with _parquet_file(path, columns) as file:
        for group in range(file.num_row_groups):
            batches = file.iter_batches(
                rows, row_groups=[group], columns=columns, use_threads=False
            )
            yield (
                [array for array in batch.columns if pa.types.is_dictionary(array.type)]
                for batch in batches
            )


def _damaged_diagnostic(path: Path, error: str) -> Diagnostic:
    return Diagnostic(
        "data-format",
        f'"{path.name}" is not a Parquet file, or is damaged',
        place=str(path),
        found=" ".join(error.split())[:120],
        expected="a file written by pyarrow or pandas",
        fixes=(Fix("Write the file again, or copy it again from its source."),),
    )

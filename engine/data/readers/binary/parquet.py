"""Reader of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.data.readers.binary.arrow_errors import arrow_errors

MAX_BATCH_ROWS = 2**16  # the maximum number of rows that are read at a time
MAX_BATCH_BYTES = 2**26  # the approximate maximum size of a batch


def parquet_schema(path: Path) -> pa.Schema:
    """Return the schema of a file.

    Raises:
        DiagnosticError: if the file is damaged.
    """
    with arrow_errors(path), pq.ParquetFile(path, memory_map=True) as file:
        return file.schema_arrow


def parquet_batches(path: Path, columns: Sequence[str]) -> Iterator[Iterator[pa.RecordBatch]]:
    """Yield an iterator of batches for each row group of a file, with the given columns.

    Raises:
        DiagnosticError: if the file is damaged.
    """
    with arrow_errors(path):
        texts = _dictionary_columns(pq.read_metadata(path, memory_map=True))
        with pq.ParquetFile(path, read_dictionary=texts, memory_map=True) as file:
            for group in range(file.num_row_groups):
                yield _group_batches(file, group, columns, path)


def _group_batches(
    file: pq.ParquetFile, group: int, columns: Sequence[str], path: Path
) -> Iterator[pa.RecordBatch]:
    metadata = file.metadata.row_group(group)
    row_bytes = metadata.total_byte_size // max(metadata.num_rows, 1)
    rows = min(MAX_BATCH_ROWS, max(1, MAX_BATCH_BYTES // max(row_bytes, 1)))
    with arrow_errors(path):
        yield from file.iter_batches(
            rows, row_groups=[group], columns=list(columns), use_threads=False
        )


def _dictionary_columns(metadata: pq.FileMetaData) -> list[str]:
    """Return the names of text columns with a dictionary, which pyarrow then keeps.

    Why: a batch of a long text that is repeated in each row would not fit into memory.
    """
    columns = [metadata.schema.column(index) for index in range(metadata.num_columns)]
    groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    return [
        column.path
        for index, column in enumerate(columns)
        if column.physical_type == "BYTE_ARRAY"
        and any(group.column(index).has_dictionary_page for group in groups)
    ]

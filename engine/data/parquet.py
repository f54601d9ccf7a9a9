"""Reads Parquet: what the file declares is summed before any value is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.arrow import columns_of, refuse_unsound
from engine.data.arrow_types import refuse_schema
from engine.data.budget import Budget
from engine.data.kinds import Column
from engine.data.parquet_footer import BYTE_ARRAY, DELTA_BYTE_ARRAY, Part, read_parts
from engine.data.read import Read
from engine.data.regroup import regrouped

BATCH = 2**16
SMALL_BATCH = 2**10


def read_parquet(path: Path, limit: int) -> Read:
    """Read all columns of a file.

    Raises:
        Refused: if it is damaged, holds what can't be trained on, or declares more than `limit`
            bytes.
    """
    budget = Budget(path, limit)
    with _opened(path) as (file, parts):
        Budget(path, limit).take(sum(part.bytes for part in parts))
        names = file.schema_arrow.names
        batches = list(_batches(file, parts, names, path, budget))
        table = pa.Table.from_batches(batches, batches[0].schema if batches else file.schema_arrow)
        del batches
        return columns_of(table, path, budget)


def parquet_chunks(
    path: Path, columns: Sequence[str] | None, rows: int
) -> Iterator[dict[str, Column]]:
    """Yield some columns of a file, at most `rows` rows at a time.

    Raises:
        Refused: as `read_parquet` does, but for the size.
    """
    with _opened(path, columns) as (file, parts):
        names = file.schema_arrow.names if columns is None else columns
        unlimited = Budget(path, None)
        for table in regrouped(_batches(file, parts, names, path, unlimited), rows):
            read = columns_of(table, path, unlimited).columns
            yield {name: read[name] for name in names}


@contextmanager
def _opened(
    path: Path, columns: Sequence[str] | None = None
) -> Iterator[tuple[pq.ParquetFile, list[Part]]]:
    """Open a file whose footer and schema can be read."""
    try:
        parts = read_parts(path)
        with _file(path, _dictionaries(parts)) as file:
            schema = file.schema_arrow
            chosen = schema if columns is None else pa.schema([schema.field(n) for n in columns])
            refuse_schema(chosen, path)
            yield file, parts
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise
        raise Refused(_damaged(path, str(error))) from error


def _file(path: Path, texts: list[str]) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, read_dictionary=texts, memory_map=True)
    except KeyError as error:
        raise ValueError(f"a column {error} that the schema does not have") from error


def _dictionaries(parts: Sequence[Part]) -> list[str]:
    """Answer the columns of text that the file keeps as dictionaries.

    Why: looked up while reading, a text that stands in every row would fill the memory before
    anybody could count.
    """
    return sorted({part.path for part in parts if part.kind == BYTE_ARRAY and part.dictionary})


def _batches(
    file: pq.ParquetFile, parts: Sequence[Part], columns: Sequence[str], path: Path, budget: Budget
) -> Iterator[pa.RecordBatch]:
    # Few rows at a time where each text may repeat the one before.
    repeating = any(DELTA_BYTE_ARRAY in part.encodings for part in parts)
    size = SMALL_BATCH if repeating else BATCH
    for batch in file.iter_batches(size, columns=list(columns), use_threads=False):
        refuse_unsound(batch, path)
        budget.take(batch.nbytes)
        yield batch


def _damaged(path: Path, said: str) -> Diagnostic:
    return Diagnostic(
        "data-format",
        f'"{path.name}" is no Parquet file, or is damaged',
        place=str(path),
        found=" ".join(said.split())[:120],
        expected="a file as pyarrow or pandas write it",
        fixes=(Fix("Write the file again, or copy it again from where it came."),),
    )

"""Reads Parquet: what the file declares is summed before any value is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.readers.binary.arrow_columns import columns_of, refuse_unsound
from engine.data.readers.binary.arrow_schema import refuse_schema
from engine.data.readers.binary.parquet_footer import DELTA_BYTE_ARRAY, Part, read_parts
from engine.data.table.column_types import Column
from engine.data.table.lazy_arrow import pa, pc, pq
from engine.data.table.read_result import Read
from engine.data.table.rebatch import regrouped
from engine.data.table.size_limit import Budget

BATCH = 2**16
HELD = 2**26  # bytes of text that are looked up before anybody counts
LONG = 2**16


def read_parquet(path: Path, limit: int) -> Read:
    """Read all columns of a file.

    Raises:
        Refused: if it is damaged, holds what can't be trained on, or declares more than `limit`
            bytes.
    """
    budget = Budget(path, limit)
    with _opened(path, limit=limit) as (file, step):
        names = file.schema_arrow.names
        batches = list(_batches(file, step, names, budget))
        table = pa.Table.from_batches(batches, batches[0].schema if batches else file.schema_arrow)
        del batches
        refuse_unsound(table, path)
        return columns_of(table, path, budget)


def parquet_chunks(
    path: Path, columns: Sequence[str] | None, rows: int
) -> Iterator[dict[str, Column]]:
    """Yield some columns of a file, at most `rows` rows at a time.

    Raises:
        Refused: as `read_parquet` does, but for the size.
    """
    with _opened(path, columns) as (file, step):
        names = file.schema_arrow.names if columns is None else columns
        unlimited = Budget(path, None)
        for table in regrouped(_batches(file, step, names, unlimited), rows):
            refuse_unsound(table, path)
            read = columns_of(table, path, unlimited).columns
            yield {name: read[name] for name in names}


@contextmanager
def _opened(
    path: Path, columns: Sequence[str] | None = None, limit: int | None = None
) -> Iterator[tuple[pq.ParquetFile, int]]:
    """Open a file whose footer and schema can be read, and say how many rows to take at a time."""
    try:
        parts = read_parts(path)
        Budget(path, limit).take(sum(part.bytes for part in parts))
        with _file(path, _dictionaries(parts)) as file:
            schema = file.schema_arrow
            chosen = schema if columns is None else pa.schema([schema.field(n) for n in columns])
            refuse_schema(chosen, path)
            yield file, _step(path, parts, limit)
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
    """Return the lists of text that the file keeps in dictionaries.

    Why: looked up while reading, a long text in each place of a long list would fill the memory
    before anybody could count.
    """
    return sorted({part.path for part in parts if part.dictionary and "." in part.path})


def _batches(
    file: pq.ParquetFile, step: int, columns: Sequence[str], budget: Budget
) -> Iterator[pa.RecordBatch]:
    for batch in file.iter_batches(step, columns=list(columns), use_threads=False):
        budget.take(batch.nbytes)
        yield batch


def _step(path: Path, parts: Sequence[Part], limit: int | None) -> int:
    """Return how many rows to read at a time, if each may hold the longest text that there is.

    Raises:
        Refused: if the texts take more than `limit` bytes, each where it stands.
    """
    large = [part for part in parts if part.dictionary * BATCH > HELD and "." not in part.path]
    longest = _longest(path, _columns(large)) if large else 1
    plain = {part.path for part in large if not part.indexed}
    indexed = [part for part in large if part.path not in plain]
    if limit is not None and longest * sum(part.values for part in indexed) > limit:
        _refuse_texts(path, _columns(indexed), limit)
    if any(DELTA_BYTE_ARRAY in part.encodings for part in parts):  # may repeat the text before
        longest = max(longest, LONG)
    return min(BATCH, max(1, HELD // longest))


def _columns(parts: Sequence[Part]) -> list[str]:
    return sorted({part.path for part in parts})


def _longest(path: Path, columns: list[str]) -> int:
    """Return how many bytes the longest text in the dictionaries of some columns takes."""
    longest = 1
    for group in _by_place(path, columns, 1):
        for texts in next(group, []):
            lengths = pc.binary_length(texts.dictionary)
            longest = max(longest, pc.max(lengths).as_py() or 0)
    return longest


def _refuse_texts(path: Path, columns: list[str], limit: int) -> None:
    """Count what texts take by their places in the dictionaries: none of them is looked up."""
    budget = Budget(path, limit)
    for texts in chain.from_iterable(chain.from_iterable(_by_place(path, columns, BATCH))):
        lengths = pc.binary_length(texts.dictionary).take(texts.indices)
        budget.take(pc.sum(lengths).as_py() or 0)


def _by_place(
    path: Path, columns: list[str], rows: int
) -> Iterator[Iterator[list[pa.DictionaryArray]]]:
    """Yield the batches of each row group: its texts, as places in their dictionary."""
    with _file(path, columns) as file:
        for group in range(file.num_row_groups):
            read = file.iter_batches(rows, row_groups=[group], columns=columns, use_threads=False)
            yield (
                [one for one in batch.columns if pa.types.is_dictionary(one.type)] for batch in read
            )


def _damaged(path: Path, said: str) -> Diagnostic:
    return Diagnostic(
        "data-format",
        f'"{path.name}" is no Parquet file, or is damaged',
        place=str(path),
        found=" ".join(said.split())[:120],
        expected="a file as pyarrow or pandas write it",
        fixes=(Fix("Write the file again, or copy it again from where it came."),),
    )

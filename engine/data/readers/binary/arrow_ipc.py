"""Reads Arrow's own files (.arrow, .feather) and streams, message by message.

Source: https://arrow.apache.org/docs/format/Columnar.html. A file is a stream between two marks,
so both are read as a stream; its footer, which may name any place, is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.readers.binary.arrow_columns import columns_of, refuse_unsound
from engine.data.readers.binary.arrow_ipc_sizes import unpacked_size
from engine.data.readers.binary.arrow_schema import refuse_schema
from engine.data.table.column_types import Column
from engine.data.table.lazy_arrow import pa
from engine.data.table.read_result import Read
from engine.data.table.rebatch import regrouped
from engine.data.table.size_limit import Budget

MAGIC = b"ARROW1\0\0"
END = b"ARROW1"
OLD_FEATHER = b"FEA1"


def read_ipc(path: Path, limit: int) -> Read:
    """Read all columns of a file or stream.

    Raises:
        Refused: if it is damaged, holds what can't be trained on, or declares more than `limit`
            bytes.
    """
    _refuse_size(path, limit)
    with _opened(path) as reader:
        refuse_schema(reader.schema, path)
        budget = Budget(path, limit)
        table = pa.Table.from_batches(list(_batches(reader, path, budget)), reader.schema)
        return columns_of(table, path, budget)


def ipc_chunks(path: Path, columns: Sequence[str] | None, rows: int) -> Iterator[dict[str, Column]]:
    """Yield some columns of a file or stream, at most `rows` rows at a time.

    Raises:
        Refused: as `read_ipc` does, but for the size.
    """
    with _opened(path) as reader:
        schema = reader.schema
        if columns is not None:
            schema = pa.schema([schema.field(name) for name in columns])
        refuse_schema(schema, path)
        unlimited = Budget(path, None)
        chosen = (batch.select(schema.names) for batch in _batches(reader, path, unlimited))
        for part in regrouped(chosen, rows):
            yield columns_of(part, path, unlimited).columns


def _batches(
    reader: pa.RecordBatchStreamReader, path: Path, budget: Budget
) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        refuse_unsound(batch, path)
        budget.take(batch.nbytes)
        yield batch


@contextmanager
def _opened(path: Path) -> Iterator[pa.RecordBatchStreamReader]:
    with _faults(path), pa.memory_map(str(path)) as file:
        _after_magic(file, path)
        with pa.ipc.open_stream(file) as reader:
            yield reader


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise
        raise Refused(_damaged(path, str(error))) from error


def _after_magic(file: pa.MemoryMappedFile, path: Path) -> None:
    """Go to the first message."""
    start = file.read(len(MAGIC))
    file.seek(max(0, file.size() - len(END)))
    end = file.read(len(END))
    if start[: len(OLD_FEATHER)] == OLD_FEATHER:
        raise Refused(_damaged(path, "the first version of Feather, of before 2020"))
    if start == MAGIC and end != END:
        raise Refused(_damaged(path, "an end that is missing"))
    file.seek(len(MAGIC) if start == MAGIC else 0)


def _refuse_size(path: Path, limit: int) -> None:
    """Sum what each message unpacks to, before any of them is."""
    budget = Budget(path, limit)
    with _faults(path), pa.memory_map(str(path)) as file:
        _after_magic(file, path)
        for message in pa.ipc.MessageReader.open_stream(file):
            budget.take(unpacked_size(message.metadata.to_pybytes(), message.body))


def _damaged(path: Path, said: str) -> Diagnostic:
    return Diagnostic(
        "data-format",
        f'"{path.name}" is no Arrow file, or is damaged',
        place=str(path),
        found=" ".join(said.split())[:120],
        expected="a file or stream as pyarrow.ipc and pyarrow.feather write it",
        fixes=(Fix("Write the file again, or copy it again from where it came."),),
    )

"""Reader of Arrow IPC files (.arrow, .feather) and streams.

An IPC file contains a stream between two magic numbers, so both formats are read as streams. The
footer of a file is ignored because the offsets in the footer may be invalid.

Source: https://arrow.apache.org/docs/format/Columnar.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.readers.binary.arrow_columns import arrow_to_columns, validate_batch
from engine.data.readers.binary.arrow_ipc_sizes import uncompressed_size
from engine.data.readers.binary.arrow_schema import check_schema
from engine.data.table.column_types import ColumnChunks
from engine.data.table.read_result import ReadResult
from engine.data.table.rebatch import rebatch
from engine.data.table.size_limit import MemoryBudget

IPC_MAGIC = b"ARROW1\0\0"
IPC_END_MAGIC = b"ARROW1"
FEATHER_V1_MAGIC = b"FEA1"


def read_ipc(path: Path, limit: int) -> ReadResult:
    """Return all columns of a file or stream.

    Raises:
        DiagnosticError: if the file is damaged, has unsupported types, or exceeds `limit` bytes.
    """
    _check_size(path, limit)
    with _open_stream(path) as reader:
        check_schema(reader.schema, path)
        budget = MemoryBudget(path, limit)
        table = pa.Table.from_batches(list(_batches(reader, path, budget)), reader.schema)
        return arrow_to_columns(table, path, budget)


def ipc_chunks(path: Path, columns: Sequence[str] | None, rows: int) -> ColumnChunks:
    """Yield chunks of at most `rows` rows of a file; read all columns if `columns` is None.

    Raises:
        DiagnosticError: as `read_ipc`, but there is no limit on the size.
    """
    with _open_stream(path) as reader:
        schema = reader.schema
        if columns is not None:
            schema = pa.schema([schema.field(name) for name in columns])
        check_schema(schema, path)
        unlimited = MemoryBudget(path, None)
        selected = (batch.select(schema.names) for batch in _batches(reader, path, unlimited))
        for table in rebatch(selected, rows):
            yield arrow_to_columns(table, path, unlimited).columns


def _batches(
    reader: pa.RecordBatchStreamReader, path: Path, budget: MemoryBudget
) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        validate_batch(batch, path)
        budget.consume(batch.nbytes)
        yield batch


@contextmanager
def _open_stream(path: Path) -> Iterator[pa.RecordBatchStreamReader]:
    with _convert_errors(path), pa.memory_map(str(path)) as file:
        _skip_magic(file, path)
        with pa.ipc.open_stream(file) as reader:
            yield reader


@contextmanager
def _convert_errors(path: Path) -> Iterator[None]:
    """Convert errors that pyarrow raises in this context to a `DiagnosticError`."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise
        raise DiagnosticError(_damaged_diagnostic(path, str(error))) from error


def _skip_magic(file: pa.MemoryMappedFile, path: Path) -> None:
    """Check the magic numbers, then seek to the first message."""
    start = file.read(len(IPC_MAGIC))
    file.seek(max(0, file.size() - len(IPC_END_MAGIC)))
    end = file.read(len(IPC_END_MAGIC))
    if start[: len(FEATHER_V1_MAGIC)] == FEATHER_V1_MAGIC:
        found = "Feather version 1, which was replaced in 2020"
        raise DiagnosticError(_damaged_diagnostic(path, found))
    if start == IPC_MAGIC and end != IPC_END_MAGIC:
        raise DiagnosticError(_damaged_diagnostic(path, "no magic number at the end"))
    file.seek(len(IPC_MAGIC) if start == IPC_MAGIC else 0)


def _check_size(path: Path, limit: int) -> None:
    """Raise an error if decompressed messages would exceed the limit; nothing is decompressed."""
    budget = MemoryBudget(path, limit)
    with _convert_errors(path), pa.memory_map(str(path)) as file:
        _skip_magic(file, path)
        for message in pa.ipc.MessageReader.open_stream(file):
            budget.consume(uncompressed_size(message.metadata.to_pybytes(), message.body))


def _damaged_diagnostic(path: Path, error: str) -> Diagnostic:
    return Diagnostic(
        "data-format",
        f'"{path.name}" is not an Arrow file, or is damaged',
        place=str(path),
        found=" ".join(error.split())[:120],
        expected="a file or stream written by pyarrow.ipc or pyarrow.feather",
        fixes=(Fix("Write the file again, or copy it again from its source."),),
    )

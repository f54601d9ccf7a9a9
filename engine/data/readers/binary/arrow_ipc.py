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

from engine.data.readers.binary.arrow_errors import arrow_errors, damaged_file_error

IPC_MAGIC = b"ARROW1\0\0"
IPC_END_MAGIC = b"ARROW1"
FEATHER_V1_MAGIC = b"FEA1"


def ipc_schema(path: Path) -> pa.Schema:
    """Return the schema of a file or stream.

    Raises:
        DiagnosticError: if the file is damaged.
    """
    with _open_stream(path) as reader:
        return reader.schema


def ipc_batches(path: Path, columns: Sequence[str]) -> Iterator[list[pa.RecordBatch]]:
    """Yield a list with each batch of a file or stream, with the given columns.

    Raises:
        DiagnosticError: if the file is damaged.
    """
    with _open_stream(path) as reader:
        for batch in reader:
            yield [batch.select(list(columns))]


@contextmanager
def _open_stream(path: Path) -> Iterator[pa.RecordBatchStreamReader]:
    with arrow_errors(path), pa.memory_map(str(path)) as file:
        _skip_magic(file, path)
        with pa.ipc.open_stream(file) as reader:
            yield reader


def _skip_magic(file: pa.MemoryMappedFile, path: Path) -> None:
    """Check the magic numbers, then seek to the first message."""
    start = file.read(len(IPC_MAGIC))
    file.seek(max(0, file.size() - len(IPC_END_MAGIC)))
    end = file.read(len(IPC_END_MAGIC))
    if start[: len(FEATHER_V1_MAGIC)] == FEATHER_V1_MAGIC:
        raise damaged_file_error(path, "Feather version 1, which was replaced in 2020")
    if start == IPC_MAGIC and end != IPC_END_MAGIC:
        raise damaged_file_error(path, "no magic number at the end")
    file.seek(len(IPC_MAGIC) if start == IPC_MAGIC else 0)

"""Converts the errors that pyarrow raises for a Parquet or Arrow file to diagnostics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.formatting.urls import path_text

PARQUET_EXTENSION = ".parquet"


@contextmanager
def arrow_errors(path: Path) -> Iterator[None]:
    """Convert errors that pyarrow raises in this context to a `DiagnosticError`."""
    try:
        yield
    except KeyError as error:
        raise damaged_file_error(path, f"a column {error} that is not in the schema") from error
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError | PermissionError | MemoryError):
            raise
        raise damaged_file_error(path, str(error)) from error


def damaged_file_error(path: Path, error: str) -> DiagnosticError:
    """Return the error for a damaged Parquet or Arrow file; `error` is pyarrow's message."""
    is_parquet = path.suffix.lower() == PARQUET_EXTENSION
    return diagnostic_error(
        "data-format",
        f'"{path.name}" is not {"a Parquet" if is_parquet else "an Arrow"} file, or is damaged',
        "Write the file again, or copy it again from its source.",
        place=path_text(path),
        found=" ".join(error.split())[:120],
        expected="a file written by pyarrow or pandas"
        if is_parquet
        else "a file or stream written by pyarrow.ipc or pyarrow.feather",
    )

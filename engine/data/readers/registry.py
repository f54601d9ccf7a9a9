"""Selects the reader of a file by its extension. Most readers are imported on first use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.data.readers.binary.array_files import (
    npy_chunks,
    npz_chunks,
    read_npy_files,
    read_npz,
)
from engine.data.readers.text.byte_stream import uncompressed_name
from engine.data.table.column_types import ColumnChunks
from engine.data.table.table import Table, no_rows_error
from engine.recipe.csv_dialect import Dialect

CSV_EXTENSIONS, JSONL_EXTENSIONS = (".csv", ".tsv", ".txt"), (".jsonl", ".ndjson")
JSON_EXTENSION, ZIP_EXTENSION = ".json", ".zip"
# Files in these formats are converted before they are read, see the package `conversion`.
WORKBOOK_EXTENSIONS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
CONVERTED_EXTENSIONS = (JSON_EXTENSION, *WORKBOOK_EXTENSIONS, ZIP_EXTENSION)
ARROW_EXTENSIONS = (".parquet", ".arrow", ".feather", ".ipc", ".arrows")
READABLE_EXTENSIONS = (
    ".npz",
    ".npy",
    *CSV_EXTENSIONS,
    *ARROW_EXTENSIONS,
    *JSONL_EXTENSIONS,
    *CONVERTED_EXTENSIONS,
)
_ADVICE = (
    "In your spreadsheet: Save As, CSV UTF-8, with the column names in the first line.",
    "Save arrays with numpy.savez.",
)
# Such files may be compressed, such as .csv.gz.
COMPRESSIBLE_EXTENSIONS = (*CSV_EXTENSIONS, *JSONL_EXTENSIONS, JSON_EXTENSION)


def file_extension(path: Path) -> str:
    """Return the extension that selects the reader, such as ".csv" for table.csv.gz."""
    inner = Path(uncompressed_name(path)).suffix
    return inner if inner in COMPRESSIBLE_EXTENSIONS else path.suffix.lower()


def read_file(path: Path, limit: int, dialect: Dialect | None) -> Table:
    """Return all columns of a file. `limit` is their maximum size in bytes; `dialect` is for CSV.

    Raises:
        DiagnosticError: if the file can't be read.
    """
    extension = _reader_extension(path)
    if extension in CSV_EXTENSIONS:
        from engine.data.readers.text.csv import read_csv

        return read_csv(path, limit, dialect)
    if extension in JSONL_EXTENSIONS:
        from engine.data.readers.text.jsonl import read_jsonl

        return read_jsonl(path, limit)
    if extension in ARROW_EXTENSIONS:
        from engine.data.readers.binary.arrow_file import read_arrow_file

        return read_arrow_file(path, limit)
    match extension:
        case ".npz":
            return read_npz(path, limit)
        case ".npy":
            return read_npy_files([path], limit)
    raise _unsupported_format_error(path)


def file_chunks(
    path: Path,
    columns: Sequence[str] | None,
    rows: int,
    dialect: Dialect | None,
    is_known: bool = False,
) -> ColumnChunks:
    """Yield chunks of at most `rows` rows of a file; read all columns if `columns` is None.

    If `is_known`, the whole file was read before, so no child process reads it first.

    Raises:
        DiagnosticError: if the file can't be read.
    """
    extension = _reader_extension(path)
    if extension in CSV_EXTENSIONS:
        from engine.data.readers.text.csv import csv_chunks

        return csv_chunks(path, columns, rows, dialect)
    if extension in JSONL_EXTENSIONS:
        from engine.data.readers.text.jsonl import jsonl_chunks

        return jsonl_chunks(path, columns, rows)
    if extension in ARROW_EXTENSIONS:
        from engine.data.readers.binary.arrow_file import arrow_file_chunks

        return arrow_file_chunks(path, columns, rows, is_known)
    match extension:
        case ".npz":
            return npz_chunks(path, columns, rows)
        case ".npy":
            return npy_chunks({path.stem: path}, columns, rows)
    raise _unsupported_format_error(path)


def detect_file_dialect(path: Path, given: Dialect | None) -> Dialect | None:
    """Return the dialect of a CSV file, None for other formats.

    `given` is the dialect set by the user. Its settings that are None are detected from the first
    lines of the file.

    Raises:
        DiagnosticError: if the header is invalid or can't be read.
    """
    if _reader_extension(path) not in CSV_EXTENSIONS:
        return None
    from engine.data.readers.text.csv_header import open_csv

    return open_csv(path, None, given or Dialect()).dialect


def _reader_extension(path: Path) -> str:
    """Return the extension of a file; raise an error if the file is empty."""
    extension = file_extension(path)
    if extension in READABLE_EXTENSIONS and not path.stat().st_size:
        raise no_rows_error(path, "is empty", "0 bytes")
    return extension


def _unsupported_format_error(path: Path) -> DiagnosticError:
    reason = "the file format is not supported" if path.suffix else "the name has no extension"
    advice = _ADVICE[:1] if file_extension(path) == ".numbers" else _ADVICE
    return diagnostic_error(
        "data-format",
        f'can\'t read "{path.name}": {reason}',
        *advice,
        place=str(path),
        found="".join(path.suffixes[-2:]) or "a name without an extension",
        expected=", ".join(READABLE_EXTENSIONS) + ", or a folder",
    )

"""Selects the reader of a file by its extension. Most readers are imported on first use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.data.readers.binary.array_files import npy_chunks, npz_chunks
from engine.data.readers.text.byte_stream import uncompressed_name
from engine.data.readers.text.json_records import JSON_EXTENSION
from engine.data.table.table import Table, no_rows_error
from engine.recipe.csv_dialect import Dialect

CSV_EXTENSIONS, JSONL_EXTENSIONS = (".csv", ".tsv", ".txt"), (".jsonl", ".ndjson", JSON_EXTENSION)
WORKBOOK_EXTENSIONS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
ZIP_EXTENSION = ".zip"
ARROW_EXTENSIONS = (".parquet", ".arrow", ".feather", ".ipc", ".arrows")
PACKED_EXTENSIONS = (*ARROW_EXTENSIONS, *WORKBOOK_EXTENSIONS)  # usually compressed
READABLE_EXTENSIONS = (
    ".npz",
    ".npy",
    *CSV_EXTENSIONS,
    *ARROW_EXTENSIONS,
    *JSONL_EXTENSIONS,
    *WORKBOOK_EXTENSIONS,
    ZIP_EXTENSION,
)
_ADVICE = (
    "In your spreadsheet: Save As, CSV UTF-8, with the column names in the first line.",
    "Save arrays with numpy.savez.",
)
# Such files may be compressed, such as .csv.gz.
COMPRESSIBLE_EXTENSIONS = (*CSV_EXTENSIONS, *JSONL_EXTENSIONS)


def file_extension(path: Path) -> str:
    """Return the extension that selects the reader, such as ".csv" for table.csv.gz."""
    inner = Path(uncompressed_name(path)).suffix
    return inner if inner in COMPRESSIBLE_EXTENSIONS else path.suffix.lower()


def file_chunks(
    path: Path,
    columns: Sequence[str] | None,
    rows: int,
    dialect: Dialect | None,
    is_known: bool = False,
    limit: int | None = None,
    sheet: str = "",
) -> Iterator[Table]:
    """Return an iterator of chunks of at most `rows` rows of a file, at least one of them.

    Args:
        columns: the names of the columns to read, None for all.
        dialect: the settings of a CSV file; those that are None are detected.
        is_known: whether the whole file was read before, so that no child process reads it first.
        limit: the maximum size of all columns in bytes.
        sheet: the sheet of a workbook, "" for the first one.

    Raises:
        DiagnosticError: if the file can't be read.
    """
    extension = file_extension(path)
    if extension in READABLE_EXTENSIONS and not path.stat().st_size:
        raise no_rows_error(path, "is empty", "0 bytes")
    if extension in CSV_EXTENSIONS:
        from engine.data.readers.text.csv import csv_chunks

        return csv_chunks(path, columns, rows, dialect, limit)
    if extension in JSONL_EXTENSIONS:
        from engine.data.readers.text.jsonl import jsonl_chunks

        return jsonl_chunks(path, columns, rows, limit)
    if extension in ARROW_EXTENSIONS:
        from engine.data.readers.binary.arrow_file import arrow_file_chunks

        return arrow_file_chunks(path, columns, rows, is_known, limit)
    if extension in WORKBOOK_EXTENSIONS:
        from engine.data.readers.binary.workbook import workbook_chunks

        return workbook_chunks(path, sheet, columns, rows, limit)
    match extension:
        case ".npz":
            return npz_chunks(path, columns, rows, limit)
        case ".npy":
            return npy_chunks({path.stem: path}, columns, rows, limit)
    raise _unsupported_format_error(path)


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

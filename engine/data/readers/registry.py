"""Registry of readers by file extension. Readers of tables are imported on first use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.readers.binary.npy import read_npy
from engine.data.readers.binary.npy_chunks import npy_chunks, npz_chunks
from engine.data.readers.binary.npz import read_npz
from engine.data.table.column_types import Column, size_of
from engine.data.table.dtypes import broken
from engine.data.table.read_result import Read, no_rows
from engine.recipe.csv_dialect import Dialect

CSV, JSON = (".csv", ".tsv"), (".jsonl", ".ndjson")
ARROW = (".arrow", ".feather", ".ipc", ".arrows")
ENDINGS = (".npz", ".npy", *CSV, ".parquet", *ARROW, *JSON)
SHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")  # can't be read, but get specific advice
_ADVICE = (
    "In your spreadsheet: Save As, CSV UTF-8, with the column names in the first line.",
    "Save arrays with numpy.savez.",
)
PACKED = (*CSV, *JSON)  # may be compressed, such as .csv.gz


def ending(path: Path) -> str:
    """Return the extension that selects the reader, without .gz for formats that allow it."""
    name = path.name.lower()
    inner = Path(name.removesuffix(".gz")).suffix
    return inner if inner in PACKED else Path(name).suffix


def read_file(path: Path, limit: int, dialect: Dialect | None) -> Read:
    """Return all columns of a file; arguments as for `engine.data.readers.table_file.open_table`.

    Raises:
        DiagnosticError: if the file can't be read.
    """
    extension = _reader_extension(path)
    if extension in CSV:
        from engine.data.readers.text.csv import read_csv

        return read_csv(path, limit, dialect)
    if extension in JSON:
        from engine.data.readers.text.jsonl import read_jsonl

        return read_jsonl(path, limit)
    if extension in ARROW:
        from engine.data.readers.binary.arrow_ipc import read_ipc

        return read_ipc(path, limit)
    match extension:
        case ".parquet":
            from engine.data.readers.binary.parquet import read_parquet

            return read_parquet(path, limit)
        case ".npz":
            return Read(*read_npz(path, limit))
        case ".npy":
            return read_arrays([path], limit)
    raise Refused(unknown(path))


def read_arrays(paths: Sequence[Path], limit: int) -> Read:
    """Return the arrays of .npy files as columns named by the files.

    Raises:
        DiagnosticError: if a file can't be read.
    """
    result = Read({})
    remaining = limit
    for path in paths:
        name = path.stem
        with path.open("rb") as file:
            column, notes = read_npy(file, path.stat().st_size, name, path, remaining)
            if file.read(1):
                raise Refused(broken(name, path, "extra bytes after the end", "none"))
        result.columns[name] = column
        result.notes.extend(notes)
        remaining -= size_of(column)
    return result


def file_chunks(
    path: Path, columns: Sequence[str] | None, rows: int, dialect: Dialect | None
) -> Iterator[dict[str, Column]]:
    """Yield chunks of at most `rows` rows of some columns of a file.

    Raises:
        DiagnosticError: if the file can't be read.
    """
    extension = _reader_extension(path)
    if extension in CSV:
        from engine.data.readers.text.csv import csv_chunks

        return csv_chunks(path, columns, rows, dialect)
    if extension in JSON:
        from engine.data.readers.text.jsonl import jsonl_chunks

        return jsonl_chunks(path, columns, rows)
    if extension in ARROW:
        from engine.data.readers.binary.arrow_ipc import ipc_chunks

        return ipc_chunks(path, columns, rows)
    match extension:
        case ".parquet":
            from engine.data.readers.binary.parquet import parquet_chunks

            return parquet_chunks(path, columns, rows)
        case ".npz":
            return npz_chunks(path, columns, rows)
        case ".npy":
            return npy_chunks({path.stem: path}, columns, rows)
    raise Refused(unknown(path))


def dialect_of(path: Path, given: Dialect | None) -> Dialect | None:
    """Return the dialect detected from the first lines of a CSV file; None for other formats.

    Args:
        path: the file.
        given: dialect settings of the user, which are kept.

    Raises:
        DiagnosticError: if the header is invalid or can't be read.
    """
    if _reader_extension(path) not in CSV:
        return None
    from engine.data.readers.text.csv_header import opened

    return opened(path, None, given or Dialect()).dialect


def _reader_extension(path: Path) -> str:
    """Return the extension of a file; raise if a file in a supported format is empty."""
    extension = ending(path)
    if extension in ENDINGS and not path.stat().st_size:
        raise Refused(no_rows(path, "is empty", "0 bytes"))
    return extension


def unknown(path: Path) -> Diagnostic:
    """Return the diagnostic for a file in an unsupported format."""
    reason = "the file format is not supported" if path.suffix else "the name has no extension"
    return Diagnostic(
        "data-format",
        f'can\'t read "{path.name}": {reason}',
        place=str(path),
        found="".join(path.suffixes[-2:]) or "a name without an extension",
        expected=", ".join(ENDINGS) + ", or a folder",
        fixes=tuple(map(Fix, _ADVICE[:1] if ending(path) in SHEETS else _ADVICE)),
    )

"""Which reader takes which file, told by the ending of its name; none is loaded before one is."""

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
SHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")  # not read, but chosen all the same
_SAVE = (
    "In your spreadsheet: Save As, CSV UTF-8, with the columns' names in the first line.",
    "Save arrays with numpy.savez.",
)
PACKED = (*CSV, *JSON)  # these may be packed once more: .csv.gz


def ending(path: Path) -> str:
    """Return the ending that tells a file's kind, without .gz where it may be packed."""
    name = path.name.lower()
    inner = Path(name.removesuffix(".gz")).suffix
    return inner if inner in PACKED else Path(name).suffix


def read_file(path: Path, limit: int, dialect: Dialect | None) -> Read:
    """Read a whole file; arguments as for `engine.data.readers.table.open_table`.

    Raises:
        Refused: with the reason.
    """
    kind = _kind(path)
    if kind in CSV:
        from engine.data.readers.text.csv import read_csv

        return read_csv(path, limit, dialect)
    if kind in JSON:
        from engine.data.readers.text.jsonl import read_jsonl

        return read_jsonl(path, limit)
    if kind in ARROW:
        from engine.data.readers.binary.arrow_ipc import read_ipc

        return read_ipc(path, limit)
    match kind:
        case ".parquet":
            from engine.data.readers.binary.parquet import read_parquet

            return read_parquet(path, limit)
        case ".npz":
            return Read(*read_npz(path, limit))
        case ".npy":
            return read_arrays([path], limit)
    raise Refused(unknown(path))


def read_arrays(paths: Sequence[Path], limit: int) -> Read:
    """Read .npy files, each a column under its own name.

    Raises:
        Refused: with the reason.
    """
    read = Read({})
    left = limit
    for path in paths:
        name = path.stem
        with path.open("rb") as file:
            column, notes = read_npy(file, path.stat().st_size, name, path, left)
            if file.read(1):
                raise Refused(broken(name, path, "bytes after the end", "none"))
        read.columns[name] = column
        read.notes.extend(notes)
        left -= size_of(column)
    return read


def file_chunks(
    path: Path, columns: Sequence[str] | None, rows: int, dialect: Dialect | None
) -> Iterator[dict[str, Column]]:
    """Yield some columns of a file, at most `rows` rows at a time.

    Raises:
        Refused: with the reason.
    """
    kind = _kind(path)
    if kind in CSV:
        from engine.data.readers.text.csv import csv_chunks

        return csv_chunks(path, columns, rows, dialect)
    if kind in JSON:
        from engine.data.readers.text.jsonl import jsonl_chunks

        return jsonl_chunks(path, columns, rows)
    if kind in ARROW:
        from engine.data.readers.binary.arrow_ipc import ipc_chunks

        return ipc_chunks(path, columns, rows)
    match kind:
        case ".parquet":
            from engine.data.readers.binary.parquet import parquet_chunks

            return parquet_chunks(path, columns, rows)
        case ".npz":
            return npz_chunks(path, columns, rows)
        case ".npy":
            return npy_chunks({path.stem: path}, columns, rows)
    raise Refused(unknown(path))


def dialect_of(path: Path, given: Dialect | None) -> Dialect | None:
    """Return how a CSV is written, as its first lines tell; None for all else.

    Args:
        path: a file.
        given: what the person says about it.

    Raises:
        Refused: if the first line does not name the columns, or can't be read.
    """
    if _kind(path) not in CSV:
        return None
    from engine.data.readers.text.csv_header import opened

    return opened(path, None, given or Dialect()).dialect


def _kind(path: Path) -> str:
    """Return the ending of a file, and refuse one of a known kind in which there is nothing."""
    kind = ending(path)
    if kind in ENDINGS and not path.stat().st_size:
        raise Refused(no_rows(path, "is empty", "0 bytes"))
    return kind


def unknown(path: Path) -> Diagnostic:
    """Return the finding for a file of a kind that is not read."""
    return Diagnostic(
        "data-format",
        f'"{path.name}" is of no kind that can be read',
        place=str(path),
        found="".join(path.suffixes[-2:]) or "a name without an ending",
        expected=", ".join(ENDINGS) + ", or a folder",
        fixes=tuple(map(Fix, _SAVE[:1] if ending(path) in SHEETS else _SAVE)),
    )

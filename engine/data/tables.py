"""A table: named columns with one row per example, from .npz, .npy files or CSV.

Opening runs nothing that a file holds: no pickle, no eval, no path out of the folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.csv import read_csv
from engine.data.kinds import Column, size_of
from engine.data.npy import broken, native, read_npy, texts
from engine.data.npz import read_npz
from engine.data.read import Read
from engine.recipe.dialect import Decimal, Dialect

Array = NDArray[Any]
LIMIT = 4 * 2**30  # bytes that a file may declare before it is refused unread
MEMORY = Path("memory")  # stands for the file of a table that came from none
PARTS = ("train.npz", "train.csv")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length, each of a kind that `engine.data.kinds` names.

    A CSV's columns are text until a port asks for numbers (see `engine.data.numbers`), so that
    every cell that fits no number can be named.

    Args:
        path: the file or folder; `MEMORY` for arrays that came from none.
        columns: by name.
        notes: what was detected or converted.
        dialect: how a CSV is written, None for all else.
    """

    path: Path
    columns: Mapping[str, Column]
    notes: tuple[Diagnostic, ...] = ()
    dialect: Dialect | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return next((len(column) for column in self.columns.values()), 0)

    @property
    def decimal(self) -> Decimal | None:
        """The decimal sign of numbers that stand as text, None if each column tells its own."""
        return self.dialect.decimal if self.dialect else None


def open_table(path: Path | str, limit: int = LIMIT, dialect: Dialect | None = None) -> Table:
    """Read an .npz, a .npy or a .csv file, or a folder of data.

    A folder that holds train.npz or train.csv means that file; else its .npy files are the
    columns, each under its own name.

    Args:
        path: the file or the folder.
        limit: bytes that the arrays may take; checked against what the file declares.
        dialect: what is known of how a CSV is written; the rest is detected.

    Raises:
        Refused: with the reason, before much memory is taken.
    """
    path = Path(path)
    try:
        read = _read(path, limit, dialect)
    except OSError as error:
        raise Refused(
            Diagnostic(
                "data-unreadable",
                f'"{path.name}" can\'t be read: {error.strerror or error}',
                place=str(path),
                found=error.strerror or str(error),
                expected="a file that this user may read",
                fixes=(Fix("Check the file's permissions and the disk."),),
            )
        ) from error
    _check_rows(read.columns, path)
    return Table(path, read.columns, tuple(read.notes), read.dialect)


def in_memory(arrays: Mapping[str, Array]) -> Table:
    """Answer a table of arrays that are in memory already, read as those of a file are.

    Args:
        arrays: by the name of their column, rows first; text may stand in an object array.

    Raises:
        Refused: for values that can't be trained on, or if they have different numbers of rows.
    """
    columns: dict[str, Column] = {}
    notes: list[Diagnostic] = []
    for name, array in arrays.items():
        if array.dtype == object and all(isinstance(cell, str) for cell in array.flat):
            columns[name] = texts(array, name, MEMORY)
            continue
        columns[name], note = native(array, name, MEMORY)
        notes += note
    _check_rows(columns, MEMORY)
    return Table(MEMORY, columns, tuple(notes))


def _read(path: Path, limit: int, dialect: Dialect | None) -> Read:
    if path.is_dir():
        return _read_folder(path, limit, dialect)
    if not path.is_file():
        raise Refused(_not_found(path, "no file or folder"))
    match path.name.lower().removesuffix(".gz").rpartition("."):
        case (_, _, "csv" | "tsv"):
            return read_csv(path, limit, dialect)
        case (_, _, "npz"):
            return Read(*read_npz(path, limit))
        case (_, _, "npy"):
            return _read_arrays([path], limit)
    raise Refused(
        Diagnostic(
            "data-format",
            f'"{path.name}" is of no kind that can be read',
            place=str(path),
            found=path.suffix or "a name without an ending",
            expected=".npz, .npy, .csv or a folder",
            fixes=(Fix("Save arrays with numpy.savez, or a table as CSV with a header line."),),
        )
    )


def _read_folder(path: Path, limit: int, dialect: Dialect | None) -> Read:
    parts = [path / name for name in PARTS if (path / name).is_file()]
    if len(parts) == 1:
        return _read(parts[0], limit, dialect)
    arrays = sorted(path.glob("*.npy"))
    if parts or not arrays:
        found = "both train.npz and train.csv" if parts else "none of them"
        raise Refused(_not_found(path, found))
    return _read_arrays(arrays, limit)


def _read_arrays(paths: list[Path], limit: int) -> Read:
    columns: dict[str, Column] = {}
    notes: list[Diagnostic] = []
    left = limit
    for path in paths:
        with path.open("rb") as file:
            columns[path.stem], note = read_npy(file, path.stat().st_size, path.stem, path, left)
            if file.read(1):
                raise Refused(broken(path.stem, path, "bytes after the end", "none"))
        left -= size_of(columns[path.stem])
        notes += note
    return Read(columns, notes)


def _not_found(path: Path, found: str) -> Diagnostic:
    return Diagnostic(
        "data-not-found",
        f'there is no data at "{path}"',
        place=str(path),
        found=found,
        expected="an .npz or .csv file, or a folder with one of train.npz, train.csv, or *.npy",
        fixes=(Fix("Check the path, or write example data with `engine sample NAME DIR`."),),
    )


def _check_rows(columns: Mapping[str, Column], path: Path) -> None:
    if not columns:
        raise Refused(_not_found(path, "a file without arrays"))
    first, *others = columns
    for other in others:
        if len(columns[first]) != len(columns[other]):
            raise Refused(
                Diagnostic(
                    "rows-differ",
                    f'"{first}" and "{other}" have different numbers of rows',
                    place=str(path),
                    found=f"{first}: {len(columns[first]):,}, {other}: {len(columns[other]):,}",
                    expected="one row per example in every array",
                    fixes=(Fix(f'Save "{first}" and "{other}" from the same examples.'),),
                )
            )

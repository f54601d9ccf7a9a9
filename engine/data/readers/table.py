"""A table: named columns with one row per example, from a file or a folder.

Opening runs nothing that a file holds: no pickle, no eval, no path out of the folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.readers.binary.npy_chunks import npy_chunks
from engine.data.readers.image_folder import classes, picture_chunks, read_pictures
from engine.data.readers.registry import dialect_of, file_chunks, read_arrays, read_file
from engine.data.table.column_types import Column
from engine.data.table.dtypes import native, texts
from engine.data.table.read_result import Read, no_rows, refuse_rows
from engine.recipe.csv_dialect import Decimal, Dialect

Array = NDArray[Any]
LIMIT = 4 * 2**30  # bytes that a file may declare before it is refused unread
MEMORY = Path("memory")  # stands for the file of a table that came from none
PARTS = tuple(
    f"train{ending}"
    for ending in (".npz", ".csv", ".csv.gz", ".tsv", ".parquet", ".feather", ".arrow", ".jsonl")
)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length, each of a kind that `engine.data.table.column_types` names.

    A CSV's columns are text until a port asks for numbers (see `engine.data.table.number_parser`), so that
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
    """Read a file of any kind that `engine.data.readers.registry` names, or a folder of data.

    A folder that holds train.npz, train.csv or another such file means that file; else its .npy
    files are the columns, each under its own name; else each folder in it is a class of pictures.

    Args:
        path: the file or the folder.
        limit: bytes that the columns may take; checked against what the file declares.
        dialect: what is known of how a CSV is written; the rest is detected.

    Raises:
        Refused: with the reason, before much memory is taken.
    """
    with _readable(Path(path)):
        place, arrays = located(Path(path))
        read = _read(place, arrays, limit, dialect)
    _check_rows(read.columns, place)
    own = place if place.is_dir() else Path(path)
    return Table(own, read.columns, tuple(read.notes), read.dialect)


def chunks(
    path: Path | str,
    columns: Sequence[str] | None = None,
    rows: int = 2**16,
    dialect: Dialect | None = None,
) -> Iterator[Table]:
    """Yield what `open_table` answers, some rows at a time; memory does not grow with the file.

    A column whose whole numbers have holes may come as whole numbers where a chunk has none.

    Args:
        path: the file or the folder.
        columns: those that are wanted, at least one; None for all of them.
        rows: at most so many in each table, the last one fewer; at least 1.
        dialect: what is known of how a CSV is written; the rest is detected, notes left out.

    Raises:
        Refused: with the reason, at once or when the fault is met.
    """
    with _readable(Path(path)):
        place, arrays = located(Path(path))
        own = place if place.is_dir() else Path(path)
        found: Dialect | None = None
        if arrays:
            parts = npy_chunks({array.stem: array for array in arrays}, columns, rows)
        elif place.is_dir():
            parts = picture_chunks(place, columns, rows)
        else:
            found = dialect_of(place, dialect)
            parts = file_chunks(place, columns, rows, dialect)
        for part in parts:
            yield Table(own, part, (), found)


def in_memory(arrays: Mapping[str, Array]) -> Table:
    """Return a table of arrays that are in memory already, read as those of a file are.

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


def refuse_no_rows(table: Table) -> None:
    """Look whether there is anything to learn from.

    Raises:
        Refused: if there is no row.
    """
    if not table.rows:
        head = "a header" if table.dialect is not None else "columns"
        raise Refused(no_rows(table.path, f"has {head} and no rows"))


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn a refusal of the system into a finding."""
    try:
        yield
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


def located(path: Path) -> tuple[Path, list[Path]]:
    """Return the file or folder that a path means, and the .npy files that are its columns.

    Raises:
        Refused: if there is no data.
    """
    if path.is_file():
        return path, []
    if not path.is_dir():
        raise Refused(_not_found(path, "no file or folder"))
    parts = [path / name for name in PARTS if (path / name).is_file()]
    if len(parts) == 1:
        return parts[0], []
    arrays = sorted(path.glob("*.npy"))
    pictures = None if parts or arrays else classes(path)
    if pictures is not None:
        return pictures, []
    if parts or not arrays:
        found = f"both {parts[0].name} and {parts[1].name}" if parts else "none of them"
        raise Refused(_not_found(path, found))
    return path, arrays


def _read(path: Path, arrays: list[Path], limit: int, dialect: Dialect | None) -> Read:
    if arrays:
        return read_arrays(arrays, limit)
    return read_pictures(path) if path.is_dir() else read_file(path, limit, dialect)


def _not_found(path: Path, found: str) -> Diagnostic:
    return Diagnostic(
        "data-not-found",
        f'there is no data at "{path}"',
        place=str(path),
        found=found,
        expected="a file of a kind that is read, or a folder with one of train.npz, train.csv, "
        "train.parquet, with *.npy, or with a folder of pictures for each class",
        fixes=(Fix("Check the path."), Fix("Write example data: `engine sample NAME DIR`.")),
    )


def _check_rows(columns: Mapping[str, Column], path: Path) -> None:
    if not columns:
        raise Refused(_not_found(path, "a file without arrays"))
    refuse_rows({name: len(column) for name, column in columns.items()}, path)

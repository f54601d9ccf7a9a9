"""Reads tables from files and folders, as a whole or in chunks of rows.

No content of a file is ever executed (no pickle, no eval), and no path out of a folder is followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from engine.core.diagnostic import Diagnostic, diagnostic_error
from engine.core.formatting.counts import count_noun
from engine.core.formatting.urls import path_text
from engine.data.readers.binary.array_files import npy_chunks
from engine.data.readers.image_folder import find_class_folder, image_folder_chunks
from engine.data.readers.shard_reader import shard_chunks, shards_infos
from engine.data.readers.shards import TRAIN_FILE_NAMES, Shard, find_shards
from engine.data.table.column_types import concat_columns
from engine.data.table.table import Table, check_columns, data_not_found_error
from engine.recipe.csv_dialect import Dialect

_CHUNK_ROWS = 2**16
DEFAULT_SIZE_LIMIT = 4 * 2**30  # bytes; larger files are not read into memory


def open_table(
    path: Path | str, limit: int = DEFAULT_SIZE_LIMIT, dialect: Dialect | None = None
) -> Table:
    """Read a table from a file, a folder or shards.

    In a folder, the first of these that exists is read: a file named in `TRAIN_FILE_NAMES`, such as
    train.npz or train.csv; .npy files, one per column; subfolders of images, one per class; the
    shards of a table, which are all files of one format.

    Args:
        path: the file, the folder, a pattern such as folder/*.parquet, or a URL.
        limit: the maximum size of the columns in bytes.
        dialect: dialect settings of a CSV file; settings that are None are detected.

    Raises:
        DiagnosticError: if the data can't be read, or would exceed `limit`.
    """
    parts: list[Table] = []
    notes: list[Diagnostic] = []
    for part in _chunks(Path(path), None, _CHUNK_ROWS, dialect, None, limit):
        parts.append(part)
        notes += [note for note in part.notes if note not in notes]
        check_columns(part.columns, part.path)
    # The columns of a shard without rows may have no types.
    filled = [part for part in parts if part.row_count] or parts[:1]
    columns = {
        name: concat_columns([part.columns[name] for part in filled]) for name in filled[0].columns
    }
    return replace(parts[-1], columns=columns, notes=tuple(notes))


def read_table_chunks(
    path: Path | str,
    columns: Sequence[str] | None = None,
    chunk_rows: int = _CHUNK_ROWS,
    dialect: Dialect | None = None,
    shards: Sequence[Shard] | None = None,
) -> Iterator[Table]:
    """Yield the rows that `open_table` would return, in chunks that need constant memory.

    A column of integers with missing values has an integer dtype only in chunks where no value is
    missing.

    Args:
        path: as in `open_table`.
        columns: the names of the columns to read, at least one; None for all.
        chunk_rows: the maximum number of rows of a chunk; at least 1.
        dialect: dialect settings of a CSV file; settings that are None are detected.
        shards: the shards at `path`, if they were found before.

    Raises:
        DiagnosticError: when the iteration reaches data that can't be read.
    """
    chunks = _chunks(Path(path), columns, chunk_rows, dialect, shards)
    return (part for part in chunks if part.row_count)


def _chunks(
    path: Path,
    columns: Sequence[str] | None,
    rows: int,
    dialect: Dialect | None,
    shards: Sequence[Shard] | None,
    limit: int | None = None,
) -> Iterator[Table]:
    """Yield chunks of a table, at least one; the first has infos on how its files were found."""
    with os_errors(path):
        notes: Sequence[Diagnostic] = ()
        parts: Iterator[Table]
        shards = find_shards(path) if shards is None else shards
        if shards:
            notes = shards_infos(shards)
            parts = (part for _, part in shard_chunks(shards, columns, rows, dialect, limit=limit))
        else:
            path, arrays = resolve_folder(path)
            if arrays:
                parts = npy_chunks({file.stem: file for file in arrays}, columns, rows, limit)
            else:
                parts = image_folder_chunks(path, columns, rows)
        decimal = dialect.decimal if dialect else None
        for part in parts:
            yield replace(part, path=path, notes=(*notes, *part.notes), given_decimal=decimal)
            notes = ()


@contextmanager
def os_errors(path: Path) -> Iterator[None]:
    """Convert an `OSError` in this context to a `DiagnosticError`."""
    try:
        yield
    except OSError as error:
        raise diagnostic_error(
            "data-unreadable",
            f'"{path.name}" can\'t be read: {error.strerror or error}',
            "Check the permissions and the disk; for a URL, network and credentials.",
            place=path_text(path),
            found=error.strerror or str(error),
            expected="a file with read permission",
        ) from error


def resolve_folder(path: Path) -> tuple[Path, list[Path]]:
    """Return a folder with .npy files and these, or the folder of class folders with images and [].

    `path` is a folder without shards.

    Raises:
        DiagnosticError: if there is no data, or if it is ambiguous which file to read.
    """
    files = [name for name in TRAIN_FILE_NAMES if (path / name).is_file()]
    arrays = sorted(path.glob("*.npy"))
    image_folder = None if files or arrays else find_class_folder(path)
    if image_folder is not None:
        return image_folder, []
    if files or not arrays:
        found = f"both {files[0]} and {files[1]}" if files else _folder_content(path)
        raise data_not_found_error(path, found)
    return path, arrays


def _folder_content(path: Path) -> str:
    """Return the most frequent extensions in a folder with counts: "9 .csv files, 1 .npz file"."""
    extensions = Counter(file.suffix.lower() for file in path.iterdir() if file.suffix)
    counts = (count_noun(count, f"{name} file") for name, count in extensions.most_common(3))
    return ", ".join(counts) or "none of them"

"""Reads tables from files and folders, as a whole or in chunks of rows.

No content of a file is ever executed (no pickle, no eval), and no path out of a folder is followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from engine.core.diagnostic import diagnostic_error
from engine.core.formatting.counts import count_noun
from engine.core.formatting.urls import path_text
from engine.data.readers.binary.array_files import npy_chunks, read_npy_files
from engine.data.readers.image_folder import (
    find_class_folder,
    image_folder_chunks,
    read_image_folder,
)
from engine.data.readers.shard_reader import (
    read_shards,
    shard_chunks,
    shard_dialect,
    shared_dialect,
)
from engine.data.readers.shards import TRAIN_FILE_NAMES, Shard, find_shards
from engine.data.table.column_types import ColumnChunks
from engine.data.table.table import Table, check_columns, data_not_found_error
from engine.recipe.csv_dialect import Dialect

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
    source = Path(path)
    with os_errors(source):
        if shards := find_shards(source):
            table = read_shards(shards, limit, dialect)
        else:
            source, arrays = resolve_folder(source)
            table = read_npy_files(arrays, limit) if arrays else read_image_folder(source)
    check_columns(table.columns, source)
    return replace(table, path=source, given_decimal=dialect.decimal if dialect else None)


def read_table_chunks(
    path: Path | str,
    columns: Sequence[str] | None = None,
    chunk_rows: int = 2**16,
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
    source, detected = Path(path), None
    with os_errors(source):
        parts: ColumnChunks
        if shards := find_shards(source) if shards is None else shards:
            detected = shard_dialect(shards, dialect)
            shared = shared_dialect(detected, dialect)
            parts = (part for _, part in shard_chunks(shards, columns, chunk_rows, shared))
        else:
            source, arrays = resolve_folder(source)
            files = {array.stem: array for array in arrays}
            if files:
                parts = npy_chunks(files, columns, chunk_rows)
            else:
                parts = image_folder_chunks(source, columns, chunk_rows)
        for part in parts:
            yield Table(source, part, (), detected, dialect.decimal if dialect else None)


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

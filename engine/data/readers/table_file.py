"""Reads tables from files and folders, as a whole or in chunks of rows.

No content of a file is ever executed (no pickle, no eval), and no path out of a folder is followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.formatting.counts import count_noun
from engine.data.readers.binary.npy_chunks import npy_chunks
from engine.data.readers.image_folder import (
    find_class_folder,
    image_folder_chunks,
    read_image_folder,
)
from engine.data.readers.registry import detect_file_dialect, file_chunks, read_file, read_npy_files
from engine.data.table.read_result import ReadResult
from engine.data.table.table import Table, check_columns, data_not_found
from engine.recipe.csv_dialect import Dialect

DEFAULT_SIZE_LIMIT = 4 * 2**30  # bytes; larger files are not read into memory
TRAIN_FILE_NAMES = tuple(
    f"train{ending}"
    for ending in (".npz", ".csv", ".csv.gz", ".tsv", ".parquet", ".feather", ".arrow", ".jsonl")
)


def open_table(
    path: Path | str, limit: int = DEFAULT_SIZE_LIMIT, dialect: Dialect | None = None
) -> Table:
    """Read a table from a file or a folder.

    In a folder, the first of these that exists is read: a file named in `TRAIN_FILE_NAMES`, such as
    train.npz or train.csv; .npy files, one per column; subfolders of images, one per class.

    Args:
        path: the file or folder.
        limit: the maximum size of the columns in bytes.
        dialect: dialect settings of a CSV file; settings that are None are detected.

    Raises:
        DiagnosticError: if the data can't be read, or would exceed `limit`.
    """
    with _os_errors(Path(path)):
        source, arrays = resolve_data_path(Path(path))
        result = _read(source, arrays, limit, dialect)
    check_columns(result.columns, source)
    table_path = source if source.is_dir() else Path(path)
    return Table(table_path, result.columns, tuple(result.notes), result.dialect)


def read_table_chunks(
    path: Path | str,
    columns: Sequence[str] | None = None,
    chunk_rows: int = 2**16,
    dialect: Dialect | None = None,
) -> Iterator[Table]:
    """Yield the rows that `open_table` would return, in chunks that need constant memory.

    A column of integers with missing values has an integer dtype only in chunks where no value is
    missing.

    Args:
        path: the file or folder.
        columns: the names of the columns to read, at least one; None for all.
        chunk_rows: the maximum number of rows of a chunk; at least 1.
        dialect: dialect settings of a CSV file; settings that are None are detected.

    Raises:
        DiagnosticError: when the iteration reaches data that can't be read.
    """
    with _os_errors(Path(path)):
        source, arrays = resolve_data_path(Path(path))
        table_path = source if source.is_dir() else Path(path)
        detected: Dialect | None = None
        if arrays:
            parts = npy_chunks({array.stem: array for array in arrays}, columns, chunk_rows)
        elif source.is_dir():
            parts = image_folder_chunks(source, columns, chunk_rows)
        else:
            detected = detect_file_dialect(source, dialect)
            parts = file_chunks(source, columns, chunk_rows, dialect)
        for part in parts:
            yield Table(table_path, part, (), detected)


@contextmanager
def _os_errors(path: Path) -> Iterator[None]:
    """Convert an `OSError` in this context to a `DiagnosticError`."""
    try:
        yield
    except OSError as error:
        raise DiagnosticError(
            Diagnostic(
                "data-unreadable",
                f'"{path.name}" can\'t be read: {error.strerror or error}',
                place=str(path),
                found=error.strerror or str(error),
                expected="a file with read permission",
                fixes=(Fix("Check the file's permissions and the disk."),),
            )
        ) from error


def resolve_data_path(path: Path) -> tuple[Path, list[Path]]:
    """Return the file or folder to read for `path`, and the .npy files to read.

    The list of .npy files is empty unless `path` is a folder of .npy files.

    Raises:
        DiagnosticError: if there is no data, or if it is ambiguous which file to read.
    """
    if path.is_file():
        return path, []
    if not path.is_dir():
        raise DiagnosticError(data_not_found(path, "no file or folder"))
    files = [path / name for name in TRAIN_FILE_NAMES if (path / name).is_file()]
    if len(files) == 1:
        return files[0], []
    arrays = sorted(path.glob("*.npy"))
    image_folder = None if files or arrays else find_class_folder(path)
    if image_folder is not None:
        return image_folder, []
    if files or not arrays:
        found = f"both {files[0].name} and {files[1].name}" if files else _folder_content(path)
        raise DiagnosticError(data_not_found(path, found))
    return path, arrays


def _folder_content(path: Path) -> str:
    """Return the most frequent extension in a folder with its count: "10 .parquet files"."""
    extensions = Counter(file.suffix.lower() for file in path.iterdir() if file.suffix)
    if not extensions:
        return "none of them"
    extension, count = extensions.most_common(1)[0]
    return count_noun(count, f"{extension} file")


def _read(path: Path, arrays: list[Path], limit: int, dialect: Dialect | None) -> ReadResult:
    if arrays:
        return read_npy_files(arrays, limit)
    return read_image_folder(path) if path.is_dir() else read_file(path, limit, dialect)

"""Readers of .npy files and .npz archives."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from engine.data.readers.binary.npy import ArrayReader
from engine.data.readers.binary.sparse import dense_size, is_sparse, sparse_chunks
from engine.data.readers.binary.zip_file import (
    ZIP_ERRORS,
    archive_error,
    open_zip,
    total_size,
)
from engine.data.table.dtypes import damaged_array_error, file_too_large_error
from engine.data.table.table import Table, check_equal_lengths, data_not_found_error


def npy_chunks(
    paths: Mapping[str, Path], columns: Sequence[str] | None, rows: int, limit: int | None = None
) -> Iterator[Table]:
    """Yield chunks of at most `rows` rows of .npy files; `paths` maps column names to files.

    Raises:
        DiagnosticError: if an array is damaged or unsupported, if the lengths differ, or if all
            arrays together exceed `limit` bytes.
    """
    with ExitStack() as stack:
        arrays = []
        for name in columns or paths:
            file, size = stack.enter_context(paths[name].open("rb")), paths[name].stat().st_size
            arrays.append(ArrayReader(file, size, name, paths[name], limit))
            limit = None if limit is None else limit - size
        yield from _read_chunks(arrays, rows, next(iter(paths.values())).parent)


@contextmanager
def open_npz(path: Path) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """Open an archive, and yield it with its validated members. No member is decompressed.

    Raises:
        DiagnosticError: if the archive is damaged, or if numpy.savez does not write such members.
    """
    with open_zip(path) as (archive, members):
        for info in members:
            name = info.orig_filename
            if not name.endswith(".npy") or name == ".npy":
                raise archive_error(path, repr(name), "only arrays named NAME.npy")
            if any(char in name for char in "/\\:\0") or not name.isprintable():
                raise archive_error(path, repr(name), "plain names, without a path")
        yield archive, members


def npz_chunks(
    path: Path, columns: Sequence[str] | None, rows: int, limit: int | None = None
) -> Iterator[Table]:
    """Yield chunks of up to `rows` rows of the .npz arrays `columns`. None stands for all arrays.

    Raises:
        DiagnosticError: if the archive is damaged, invalid, or larger than `limit` bytes.
    """
    with ExitStack() as stack:
        archive, members = stack.enter_context(open_npz(path))
        if limit is not None and total_size(members) > limit:
            raise file_too_large_error(path, total_size(members), limit)
        names = [info.filename.removesuffix(".npy") for info in members]
        if is_sparse(names):
            yield from sparse_chunks(path, rows, limit)
            return
        arrays = []
        for name in columns or names:
            try:
                file = stack.enter_context(archive.open(f"{name}.npy"))
            except ZIP_ERRORS as error:
                expected = "a member that numpy.savez wrote"
                raise damaged_array_error(name, path, str(error), expected) from error
            size = archive.getinfo(f"{name}.npy").file_size
            arrays.append(ArrayReader(file, size, name, path, limit))
        yield from _read_chunks(arrays, rows, path)


def npz_size(path: Path) -> int:
    """Return the size of all arrays of an .npz file in bytes.

    Raises:
        DiagnosticError: if the archive is damaged.
    """
    with open_npz(path) as (_, members):
        is_matrix = is_sparse([info.filename.removesuffix(".npy") for info in members])
        return dense_size(path) if is_matrix else total_size(members)


def _read_chunks(arrays: Sequence[ArrayReader], rows: int, path: Path) -> Iterator[Table]:
    """Yield chunks of `rows` rows of all arrays; the last chunk may be shorter."""
    if not arrays:
        raise data_not_found_error(path, "a file without arrays")
    check_equal_lengths({array.name: array.rows for array in arrays}, path)
    count = arrays[0].rows
    for start in range(0, max(count, 1), rows):
        yield Table(path, {array.name: array.read(min(rows, count - start)) for array in arrays})

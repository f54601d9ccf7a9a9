"""Readers of .npy files and .npz archives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from engine.data.readers.binary.npy import read_npy_header, read_npy_rows
from engine.data.readers.binary.sparse import dense_size, is_sparse, sparse_chunks
from engine.data.readers.binary.zip_file import (
    ZIP_ERRORS,
    archive_error,
    open_zip,
    total_size,
    zip_errors,
)
from engine.data.table.array import Array
from engine.data.table.column_types import Column
from engine.data.table.dtypes import array_to_column, damaged_array_error, file_too_large_error
from engine.data.table.table import Table, check_equal_lengths, data_not_found_error


class ArrayReader:
    """Reads the rows of an open .npy array of `size` bytes, which is one column of a table.

    Raises:
        DiagnosticError: if the array is damaged or unsupported, or larger than `limit` bytes.
    """

    def __init__(
        self, file: IO[bytes], size: int, name: str, path: Path, limit: int | None = None
    ) -> None:
        self.name = name
        self._file, self._path = file, path
        with zip_errors(name, path):
            self._header = read_npy_header(file, size, name, path, limit)
        self.rows = self._header.shape[0]
        self._rows_read = 0
        self._fortran_array: Array | None = None

    def read(self, rows: int) -> Column:
        """Return the next rows as a column.

        Raises:
            DiagnosticError: if the array is damaged.
        """
        with zip_errors(self.name, self._path):
            array = self._read_rows(rows)
            self._rows_read += rows
            # Reading beyond the last byte makes zipfile verify the checksum.
            if self._rows_read == self.rows and self._file.read(1):
                raise damaged_array_error(
                    self.name, self._path, "extra bytes after the end", "none"
                )
        return array_to_column(array, self.name, self._path)

    def _read_rows(self, rows: int) -> Array:
        if rows == self.rows or not self._header.fortran_order:
            return read_npy_rows(self._file, self._header, rows, self.name, self._path)
        if self._fortran_array is None:
            self._fortran_array = self._load_fortran()
        return np.ascontiguousarray(self._fortran_array[self._rows_read : self._rows_read + rows])

    def _load_fortran(self) -> Array:
        """Return all rows of a column-major array, memory-mapped unless the file is compressed.

        Each row of such an array is spread over the file, so chunks can't be read in sequence.
        """
        if isinstance(self._file, zipfile.ZipExtFile):
            return read_npy_rows(self._file, self._header, self.rows, self.name, self._path)
        start = self._file.tell()
        self._file.seek(0, io.SEEK_END)
        shape = self._header.shape
        return np.memmap(self._path, self._header.dtype, "r", start, shape, order="F")


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

"""Reader of arrays in NumPy's .npy format; numpy reads the headers."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.data.readers.binary.zip_file import READ_CHUNK_SIZE, zip_errors
from engine.data.table.array import Array
from engine.data.table.column_types import Column
from engine.data.table.dtypes import (
    UNSUPPORTED_DTYPES,
    array_to_column,
    damaged_array_error,
    file_too_large_error,
    unsupported_dtype_error,
)

HEADER_LIMIT = 10_000  # the maximum size of a header in bytes

_HEADER_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


class ArrayReader:
    """Reads the rows of an open .npy array, which is one column of a table.

    Args:
        file: a file positioned at the start of the header.
        size: the size of the header and the array in the file.
        name, path: the name of the array and the path of the file, for messages.
        limit: the maximum size of the array in bytes; None for no maximum.

    Raises:
        DiagnosticError: if the header is invalid or unsupported, if the size that it states for the
            array differs from that in the file, or if the array is larger than `limit`.
    """

    def __init__(
        self, file: IO[bytes], size: int, name: str, path: Path, limit: int | None = None
    ) -> None:
        self.name = name
        self._file, self._path = file, path
        header = _HeaderStream(file)
        with zip_errors(name, path):
            self._shape, self._is_fortran, self._dtype = self._read_header(header)
        self._check_header(size - header.position, limit)
        self.rows = self._shape[0]
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
                raise self._damaged("extra bytes after the end", "none")
        return array_to_column(array, self.name, self._path)

    def _read_header(self, file: _HeaderStream) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
        """Return the shape of the array, whether its order is column-major, and its dtype."""
        try:
            version = np.lib.format.read_magic(file)
        except ValueError as error:
            raise diagnostic_error(
                "data-format",
                f'"{self.name}" is not an array in the .npy format',
                "Save the array again with numpy.save or numpy.savez.",
                place=f"array {self.name} in {self._path.name}",
                found="no .npy header",
                expected="an array written by numpy.save",
            ) from error
        if version not in _HEADER_READERS:
            raise self._damaged(f"format {'.'.join(map(str, version))}", "format 1.0 or 2.0")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about files that were written by Python 2
                return _HEADER_READERS[version](file, max_header_size=HEADER_LIMIT)
        except (OSError, zipfile.BadZipFile, zlib.error, EOFError):
            raise
        except Exception as error:  # noqa: BLE001 - Python's parser raises errors of many types
            found = " ".join(str(error).split())[:80]
            raise self._damaged(found, "a header written by numpy.save") from error

    def _check_header(self, stored_size: int, limit: int | None) -> None:
        dtype, shape = self._dtype, self._shape
        letter = "g" if dtype.char == "g" else dtype.kind
        if letter in UNSUPPORTED_DTYPES:
            raise unsupported_dtype_error(self.name, self._path, *UNSUPPORTED_DTYPES[letter])
        if not dtype.itemsize or dtype.kind not in "biufU":
            raise self._damaged(f"dtype {dtype.str!r}", "a numeric dtype")
        size = prod(shape) * dtype.itemsize
        if limit is not None and size > limit:
            raise file_too_large_error(self._path, size, limit)
        if size != stored_size:
            declared = f"{size:,} bytes for {dtype.name} {shape}"
            raise self._damaged(f"{stored_size:,} bytes", declared)
        if not shape or not _is_possible(shape):
            expected = "one axis or more, none of a negative size"
            raise self._damaged(f"shape {shape}"[:80], expected)

    def _read_rows(self, rows: int) -> Array:
        if rows == self.rows or not self._is_fortran:
            return self._read_values(rows)
        if self._fortran_array is None:
            self._fortran_array = self._load_fortran()
        return np.ascontiguousarray(self._fortran_array[self._rows_read : self._rows_read + rows])

    def _load_fortran(self) -> Array:
        """Return all rows of a column-major array, memory-mapped unless the file is compressed.

        Each row of such an array is spread over the file, so chunks can't be read in sequence.
        """
        if isinstance(self._file, zipfile.ZipExtFile):
            return self._read_values(self.rows)
        start = self._file.tell()
        self._file.seek(0, io.SEEK_END)
        return np.memmap(self._path, self._dtype, "r", start, self._shape, order="F")

    def _read_values(self, rows: int) -> Array:
        """Return the next rows, all of them if the array is column-major; read no more bytes."""
        shape = (rows, *self._shape[1:])
        values = np.empty(prod(shape), self._dtype)
        buffer, position = values.view(np.uint8), 0
        while position < len(buffer):
            chunk = self._file.read(min(READ_CHUNK_SIZE, len(buffer) - position))
            if not chunk:
                raise self._damaged(f"{position:,} bytes", f"{len(buffer):,} bytes")
            buffer[position : position + len(chunk)] = np.frombuffer(chunk, np.uint8)
            position += len(chunk)
        return values.reshape(shape[::-1]).T if self._is_fortran else values.reshape(shape)

    def _damaged(self, found: str, expected: str) -> DiagnosticError:
        return damaged_array_error(self.name, self._path, found, expected)


class _HeaderStream:
    """A stream that ends after `HEADER_LIMIT` bytes of a file, so that numpy reads no more."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.position = 0

    def read(self, size: int = HEADER_LIMIT) -> bytes:
        data = self._file.read(min(size, HEADER_LIMIT - self.position))
        self.position += len(data)
        return data


def _is_possible(shape: tuple[int, ...]) -> bool:
    """Return whether an array can have this shape; a file may also have -1, or 100 axes."""
    try:
        np.broadcast_to(np.float64(0), shape)
    except ValueError:
        return False
    return True

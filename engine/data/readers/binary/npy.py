"""Reader of arrays in NumPy's .npy format; numpy reads the headers."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.core.diagnostic import diagnostic_error
from engine.data.table.array import Array
from engine.data.table.dtypes import (
    UNSUPPORTED_DTYPES,
    damaged_array_error,
    file_too_large_error,
    unsupported_dtype_error,
)

HEADER_LIMIT = 10_000  # the maximum size of a header in bytes
READ_CHUNK_SIZE = 2**22  # the bytes that are read at a time; `npz` refuses longer reads

_HEADER_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclass(frozen=True, slots=True)
class NpyHeader:
    """The validated header of an array.

    Args:
        dtype: the dtype of the values.
        fortran_order: True for column-major order, in which a row is not contiguous.
        shape: the shape of the array; the first axis counts the rows.
    """

    dtype: np.dtype[Any]
    fortran_order: bool
    shape: tuple[int, ...]


def read_npy_header(
    file: IO[bytes], stored_size: int, name: str, path: Path, limit: int | None = None
) -> NpyHeader:
    """Read, validate and return the header of an array.

    Args:
        file: a file positioned at the start of the header; it is read to the end of the header.
        stored_size: the size of the header and the array in the file.
        name, path: the name of the array and the path of the file, for messages.
        limit: the maximum size of the array in bytes; None for no maximum.

    Raises:
        DiagnosticError: if the header is invalid, if the size that it states for the array differs
            from the stored size, or if the array is larger than `limit`.
    """
    stream = _HeaderStream(file)
    shape, fortran_order, dtype = _read_header(stream, name, path)
    header_size = stream.position
    _check_dtype(dtype, name, path)
    header = NpyHeader(dtype, fortran_order, shape)
    size = prod(header.shape) * header.dtype.itemsize
    if limit is not None and size > limit:
        raise file_too_large_error(path, size, limit)
    if size != stored_size - header_size:
        declared = f"{size:,} bytes for {header.dtype.name} {header.shape}"
        raise damaged_array_error(name, path, f"{stored_size - header_size:,} bytes", declared)
    if not shape or not _is_possible(shape):
        found = f"shape {shape}"[:80]
        raise damaged_array_error(name, path, found, "one axis or more, none of a negative size")
    return header


def _is_possible(shape: tuple[int, ...]) -> bool:
    """Return whether an array can have this shape; a file may also have -1, or 100 axes."""
    try:
        np.broadcast_to(np.float64(0), shape)
    except ValueError:
        return False
    return True


def read_npy_rows(file: IO[bytes], header: NpyHeader, rows: int, name: str, path: Path) -> Array:
    """Return the next `rows` rows of an array.

    If the array is in column-major order, `rows` must be the number of all rows.

    Raises:
        DiagnosticError: if the file ends too early.
    """
    shape = (rows, *header.shape[1:])
    size = prod(shape) * header.dtype.itemsize
    values = _read_values(file, size, header.dtype, name, path)
    return values.reshape(shape[::-1]).T if header.fortran_order else values.reshape(shape)


class _HeaderStream:
    """A stream that ends after `HEADER_LIMIT` bytes of a file, so that numpy reads no more."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.position = 0

    def read(self, size: int = HEADER_LIMIT) -> bytes:
        data = self._file.read(min(size, HEADER_LIMIT - self.position))
        self.position += len(data)
        return data


def _read_header(
    file: _HeaderStream, name: str, path: Path
) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return the shape of array `name`, whether its order is column-major, and its dtype."""
    try:
        version = np.lib.format.read_magic(file)
    except ValueError as error:
        raise diagnostic_error(
            "data-format",
            f'"{name}" is not an array in the .npy format',
            "Save the array again with numpy.save or numpy.savez.",
            place=f"array {name} in {path.name}",
            found="no .npy header",
            expected="an array written by numpy.save",
        ) from error
    if version not in _HEADER_READERS:
        found = f"format {'.'.join(map(str, version))}"
        raise damaged_array_error(name, path, found, "format 1.0 or 2.0")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about files that were written by Python 2
            return _HEADER_READERS[version](file, max_header_size=HEADER_LIMIT)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError):
        raise
    except Exception as error:  # noqa: BLE001 - Python's parser raises errors of many types
        found = " ".join(str(error).split())[:80]
        raise damaged_array_error(name, path, found, "a header written by numpy.save") from error


def _check_dtype(dtype: np.dtype[Any], name: str, path: Path) -> None:
    letter = "g" if dtype.char == "g" else dtype.kind
    if letter in UNSUPPORTED_DTYPES:
        raise unsupported_dtype_error(name, path, *UNSUPPORTED_DTYPES[letter])
    if not dtype.itemsize or dtype.kind not in "biufU":
        raise damaged_array_error(name, path, f"dtype {dtype.str!r}", "a numeric dtype")


def _read_values(file: IO[bytes], size: int, dtype: np.dtype[Any], name: str, path: Path) -> Array:
    """Return the values in the next `size` bytes; read no more, even if the file has more."""
    values = np.empty(size // dtype.itemsize, dtype)
    buffer, position = values.view(np.uint8), 0
    while position < size:
        chunk = file.read(min(READ_CHUNK_SIZE, size - position))
        if not chunk:
            raise damaged_array_error(name, path, f"{position:,} bytes", f"{size:,} bytes")
        buffer[position : position + len(chunk)] = np.frombuffer(chunk, np.uint8)
        position += len(chunk)
    return values

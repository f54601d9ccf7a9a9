"""Reader of arrays in NumPy's .npy format.

The header is a Python literal. The reader matches it with a pattern, because evaluating it would
pass untrusted text to Python's compiler. Source: the documentation of numpy.lib.format.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.table.column_types import Column
from engine.data.table.dtypes import (
    UNSUPPORTED_DTYPES,
    array_to_column,
    damaged_array_error,
    file_too_large_error,
    unsupported_dtype_error,
)

Array = NDArray[Any]
NPY_MAGIC = b"\x93NUMPY"
HEADER_LIMIT = 10_000  # the maximum size of a header in bytes
AXES_LIMIT = 32
READ_CHUNK_SIZE = 2**24  # the bytes that are read at a time

_HEADER_ITEM = re.compile(
    r"""\s*'(?P<key>descr|fortran_order|shape)'\s*:\s*
    (?P<value>'[^']*'|\[.*\]|True|False|\([\d\s,L-]*\))\s*(?:,|$)""",
    re.VERBOSE | re.DOTALL,
)


def read_npy(
    file: IO[bytes], stored_size: int, name: str, path: Path, limit: int
) -> tuple[Column, list[Diagnostic]]:
    """Return an array as a column, and a list: one info diagnostic if its dtype was converted.

    Args:
        file: a file positioned at the start of the array; it is read to the end of the array.
        stored_size: the size of the header and the array in the file.
        name, path: the name of the array and the path of the file, for messages.
        limit: the maximum size of the array in bytes. No value of a larger array is read.

    Raises:
        DiagnosticError: if the array is damaged, unsupported, or larger than `limit`.
    """
    header = read_npy_header(file, stored_size, name, path, limit)
    return array_to_column(read_npy_rows(file, header, header.shape[0], name, path), name, path)


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
    text, header_size = _read_header_text(file, name, path)
    header = NpyHeader(*_parse_header(text, name, path))
    size = prod(header.shape) * header.dtype.itemsize
    if limit is not None and size > limit:
        raise file_too_large_error(path, size, limit)
    if size != stored_size - header_size:
        declared = f"{size:,} bytes for {header.dtype.name} {header.shape}"
        raise damaged_array_error(name, path, f"{stored_size - header_size:,} bytes", declared)
    return header


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


def _read_header_text(file: IO[bytes], name: str, path: Path) -> tuple[str, int]:
    """Return the header text of array `name`, and the number of bytes before the first value."""
    start = file.read(8)
    if start[:6] != NPY_MAGIC:
        raise DiagnosticError(_not_npy_diagnostic(name, path))
    if start[6:] not in (b"\x01\x00", b"\x02\x00"):
        raise damaged_array_error(name, path, f"format {start[6:].hex('.')}", "format 1.0 or 2.0")
    width = 2 if start[6] == 1 else 4
    length = int.from_bytes(file.read(width), "little")
    if length > HEADER_LIMIT:
        raise damaged_array_error(
            name, path, f"a header of {length:,} bytes", f"at most {HEADER_LIMIT:,}"
        )
    header = file.read(length)
    if len(header) != length:
        raise damaged_array_error(
            name, path, "the file ends within the header", "a complete header"
        )
    return header.decode("latin-1"), 8 + width + length


def _parse_header(
    header: str, name: str, path: Path
) -> tuple[np.dtype[Any], bool, tuple[int, ...]]:
    """Return the fields of `NpyHeader`: dtype, whether the order is column-major, and shape."""
    text = header.strip()
    items, end = {}, 0
    body = text[1:-1].rstrip() if text[:1] + text[-1:] == "{}" else ""
    while match := _HEADER_ITEM.match(body, end):
        items[match["key"]] = match["value"]
        end = match.end()
    shape = items.get("shape", "")
    sizes = [part.strip().rstrip("L") for part in shape.strip("()").split(",") if part.strip()]
    is_valid = end == len(body) and len(items) == 3 and shape.startswith("(")
    is_valid = is_valid and items["fortran_order"] in ("True", "False")
    is_valid = is_valid and all(re.fullmatch(r"\d{1,18}", size) for size in sizes)
    if not is_valid or not 1 <= len(sizes) <= AXES_LIMIT:
        expected = f"descr, fortran_order, and a shape of 1 to {AXES_LIMIT} axes"
        raise damaged_array_error(name, path, " ".join(text.split())[:80], expected)
    dtype = _parse_dtype(items["descr"].strip("'"), name, path)
    return dtype, items["fortran_order"] == "True", tuple(map(int, sizes))


def _parse_dtype(descr: str, name: str, path: Path) -> np.dtype[Any]:
    if descr.startswith("["):
        raise unsupported_dtype_error(name, path, *UNSUPPORTED_DTYPES["V"])
    if not re.fullmatch(r"[<>|=]?([?bBO]|[biufcSUVmM]\d{1,6}(\[\w{1,8}\])?|[mM]8?)", descr):
        raise damaged_array_error(name, path, f"dtype {descr[:40]!r}", "a numeric dtype")
    letter = descr.lstrip("<>|=")[:1]
    if letter in UNSUPPORTED_DTYPES:
        raise unsupported_dtype_error(name, path, *UNSUPPORTED_DTYPES[letter])
    try:
        dtype = np.dtype(descr)
    except TypeError as error:
        found = f"dtype {descr[:40]!r}"
        raise damaged_array_error(name, path, found, "a numeric dtype") from error
    if dtype.char == "g":
        raise unsupported_dtype_error(name, path, *UNSUPPORTED_DTYPES["g"])
    if not dtype.itemsize:
        raise damaged_array_error(name, path, "strings of length 0", "a numeric dtype")
    return dtype


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


def _not_npy_diagnostic(name: str, path: Path) -> Diagnostic:
    return Diagnostic(
        "data-format",
        f'"{name}" is not an array in the .npy format',
        place=f"array {name} in {path.name}",
        found="no .npy header",
        expected="an array written by numpy.save",
        fixes=(Fix("Save the array again with numpy.save or numpy.savez."),),
    )

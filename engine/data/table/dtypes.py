"""Conversion of arrays to supported dtypes, and errors of readers: bad arrays, large files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.formatting.sizes import format_bytes
from engine.data.table.array import Array
from engine.data.table.column_types import Column, strings_to_column

MAX_CODE_POINT = 0x10FFFF  # the largest Unicode code point

# From the kind or character code of a dtype to a description and advice.
UNSUPPORTED_DTYPES = {
    "O": ("Python objects", "Convert the array to numbers or text before saving it."),
    "V": ("a structured array", "Save each field as a separate array."),
    "c": ("complex numbers", "Save the real and the imaginary part as two arrays."),
    "M": ("dates", "Save them as a number, such as days since the first one."),
    "m": ("time spans", "Save them as a number of seconds or days."),
    "S": ("bytes", "Save them as text, with numpy's astype(str)."),
    "g": ("long doubles", "Convert them with astype('float64')."),
}


def array_to_column(array: Array, name: str, path: Path) -> Column:
    """Return an array as a column of a supported dtype, with the same values.

    Raises:
        DiagnosticError: if the dtype is not supported, or if an integer does not fit into int64.
    """
    source = array.dtype
    letter = "g" if source.char == "g" else source.kind
    if letter in UNSUPPORTED_DTYPES:
        raise unsupported_dtype_error(name, path, *UNSUPPORTED_DTYPES[letter])
    if source.kind == "U":
        return strings_array_to_column(array, name, path)
    if source.kind == "u" and source.itemsize == 8 and array.size and array.max() >= 2**63:
        advice = "Renumber the values, or convert them with astype('float64')."
        raise unsupported_dtype_error(name, path, f"integers up to {array.max():,}", advice)
    # Convert float16 to float32, and small integers, unsigned integers and booleans to int32 or 64.
    dtypes = {"f2": "float32", "u1": "int32", "u2": "int32", "u4": "int64", "u8": "int64"}
    dtypes |= {"i1": "int32", "i2": "int32", "b1": "int32"}
    target = np.dtype(dtypes.get(source.str[1:], source.newbyteorder("=")))
    return np.ascontiguousarray(array, target)


def strings_array_to_column(array: Array, name: str, path: Path) -> Column:
    """Return an array of strings as a text column, or as lists of text if it has two axes.

    Raises:
        DiagnosticError: if the array has more than two axes, or contains invalid characters.
    """
    if array.ndim > 2:
        advice = "Save each item of the last axis as a separate array."
        raise unsupported_dtype_error(name, path, f"text with {array.ndim} axes", advice)
    invalid = damaged_array_error(name, path, "a character outside Unicode", "text")
    if array.dtype.kind == "U":
        code_points = np.ascontiguousarray(array, array.dtype.newbyteorder("=")).view(np.uint32)
        if code_points.size and np.max(code_points) > MAX_CODE_POINT:
            raise invalid
    try:
        return strings_to_column(array)
    except UnicodeEncodeError as error:
        raise invalid from error


def unsupported_dtype_error(name: str, path: Path, found: str, advice: str) -> DiagnosticError:
    """Return the error for values of the unsupported type `found`; `advice` is the fix's text."""
    return diagnostic_error(
        "array-dtype",
        f'"{name}" holds {found}',
        advice,
        place=f"array {name} in {path.name}",
        found=found,
        expected="floats, integers, booleans or text",
    )


def damaged_array_error(name: str, path: Path, found: str, expected: str) -> DiagnosticError:
    """Return the error for an array whose bytes don't match its header or type."""
    return diagnostic_error(
        "array-broken",
        f'"{name}" is damaged',
        "Write the file again, or copy it again from its source.",
        place=f"array {name} in {path.name}",
        found=found,
        expected=expected,
    )


def missing_package_error(
    subject: str, package: str, install: str, place: str, *advice: str
) -> DiagnosticError:
    """Return the error for a package that is not installed.

    `subject` begins the message, such as "databases need". `install` are the words after
    "pip install". `advice` are other fixes.
    """
    return diagnostic_error(
        "package-missing",
        f"{subject} the package {package}, which is not installed",
        f"Install it: pip install {install}",
        *advice,
        place=place,
        found="not installed",
        expected=f"the package {package}",
    )


def file_too_large_error(path: Path, size: int | None, limit: int) -> DiagnosticError:
    """Return the error for a file whose contents (`size` bytes) exceed a limit of `limit` bytes.

    A `size` of None means that only part of the file was read, so that its size is not known.
    """
    advice = "Use fewer rows, or a smaller dtype such as float32 or uint16."
    return size_limit_error(f'"{path.name}" is', str(path), size, limit, advice)


def size_limit_error(
    subject: str, place: str, size: int | None, limit: int, advice: str
) -> DiagnosticError:
    """Return the error for data of `size` bytes (None: not known) if `limit` bytes are allowed.

    `subject` begins the message, such as "the table is". `place` names the file or the column with
    the data. `advice` says how to reduce the size.
    """
    return diagnostic_error(
        "data-too-large",
        f"{subject} larger than the limit",
        advice,
        place=place,
        found=f"more than {format_bytes(limit)}" if size is None else format_bytes(size),
        expected=f"at most {format_bytes(limit)}",
    )

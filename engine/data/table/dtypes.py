"""Arrays in the dtypes that torch and the encoders know, or refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.formatting.sizes import in_bytes
from engine.data.table.column_types import Column, words

Array = NDArray[Any]
UNICODE = 0x10FFFF

REFUSED = {
    "O": ("Python objects", "Convert the array to numbers or text before saving it."),
    "V": ("a structured array", "Save each field as an array of its own."),
    "c": ("complex numbers", "Save the real and the imaginary part as two arrays."),
    "M": ("dates", "Save them as a number, such as days since the first one."),
    "m": ("time spans", "Save them as a number of seconds or days."),
    "S": ("bytes", "Save them as text, with numpy's astype(str)."),
    "g": ("long doubles", "Convert them with astype('float64')."),
}


def native(array: Array, name: str, path: Path) -> tuple[Column, list[Diagnostic]]:
    """Return the values as a column, with a note if they are stored in another way.

    Raises:
        Refused: for values that can't be trained on.
    """
    before = array.dtype
    letter = "g" if before.char == "g" else before.kind
    if letter in REFUSED:
        raise Refused(array_dtype(name, path, *REFUSED[letter]))
    if before.kind == "U":
        return texts(array, name, path), []
    if before.kind == "u" and before.itemsize == 8 and array.size and array.max() >= 2**63:
        advice = "Renumber the values, or convert them with astype('float64')."
        raise Refused(array_dtype(name, path, f"whole numbers up to {array.max():,}", advice))
    small = {"f2": "float32", "u1": "int32", "u2": "int32", "u4": "int64", "u8": "int64"}
    small |= {"i1": "int32", "i2": "int32", "b1": "int32"}
    wanted = np.dtype(small.get(before.str[1:], before.newbyteorder("=")))
    native = np.ascontiguousarray(array, wanted)
    if before == wanted:
        return native, []
    said = f"big-endian {before.name}" if before.byteorder == ">" else before.name
    note = Diagnostic(
        "array-converted",
        f'"{name}" was read as {wanted.name}',
        severity="info",
        place=f"array {name}",
        found=said,
        expected=wanted.name,
    )
    return native, [note]


def texts(array: Array, name: str, path: Path) -> Column:
    """Return an array of Python's texts as a column: one text a row, or a list of them.

    Raises:
        Refused: for further axes, and for signs that no text holds.
    """
    if array.ndim > 2:
        advice = "Save each axis as an array of its own."
        raise Refused(array_dtype(name, path, f"texts along {array.ndim} axes", advice))
    strange = broken(name, path, "a sign that Unicode does not have", "text")
    if array.dtype.kind == "U":
        signs = np.ascontiguousarray(array, array.dtype.newbyteorder("=")).view(np.uint32)
        if signs.size and np.max(signs) > UNICODE:
            raise Refused(strange)
    try:
        return words(array)
    except UnicodeEncodeError as error:
        raise Refused(strange) from error


def array_dtype(name: str, path: Path, found: str, advice: str) -> Diagnostic:
    """Return the finding for values that can't be trained on, and the way out."""
    return Diagnostic(
        "array-dtype",
        f'"{name}" holds {found}',
        place=f"array {name} in {path.name}",
        found=found,
        expected="real numbers, whole numbers, booleans or text",
        fixes=(Fix(advice),),
    )


def broken(name: str, path: Path, found: str, expected: str) -> Diagnostic:
    """Return the finding for an array whose header and bytes do not agree."""
    return Diagnostic(
        "array-broken",
        f'"{name}" is damaged',
        place=f"array {name} in {path.name}",
        found=found,
        expected=expected,
        fixes=(Fix("Write the file again, or copy it again from where it came."),),
    )


def too_large(path: Path, size: int, limit: int) -> Diagnostic:
    """Return the finding for a file that declares more than the limit."""
    advice = "Use fewer rows, or a smaller dtype such as float32 or uint16."
    return over_limit(f'"{path.name}" is', str(path), size, limit, advice)


def over_limit(what: str, place: str, size: int, limit: int, advice: str) -> Diagnostic:
    """Return the finding for anything that would take more memory than the limit."""
    return Diagnostic(
        "data-too-large",
        f"{what} larger than the limit",
        place=place,
        found=in_bytes(size),
        expected=f"at most {in_bytes(limit)}",
        fixes=(Fix(advice),),
    )

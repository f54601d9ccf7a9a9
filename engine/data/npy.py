"""Reads one array in numpy's .npy format, trusting nothing that its header says.

Source: the format is described in numpy.lib.format. The header is matched by patterns, since
evaluating it, even as a literal, would hand a stranger's text to Python's compiler.
"""

from __future__ import annotations

import re
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.kinds import Column, words

Array = NDArray[Any]
MAGIC = b"\x93NUMPY"
HEADER_LIMIT = 10_000
AXES_LIMIT = 32
CHUNK = 2**24
UNICODE = 0x10FFFF

_ITEM = re.compile(
    r"""\s*'(?P<key>descr|fortran_order|shape)'\s*:\s*
    (?P<value>'[^']*'|\[.*\]|True|False|\([\d\s,L-]*\))\s*(?:,|$)""",
    re.VERBOSE | re.DOTALL,
)
_REFUSED = {
    "O": ("Python objects", "Convert the array to numbers or text before saving it."),
    "V": ("a structured array", "Save each field as an array of its own."),
    "c": ("complex numbers", "Save the real and the imaginary part as two arrays."),
    "M": ("dates", "Save them as a number, such as days since the first one."),
    "m": ("time spans", "Save them as a number of seconds or days."),
    "S": ("bytes", "Save them as text, with numpy's astype(str)."),
    "g": ("long doubles", "Convert them with astype('float64')."),
}


def read_npy(
    file: IO[bytes], stored: int, name: str, path: Path, limit: int
) -> tuple[Column, list[Diagnostic]]:
    """Read one array.

    Args:
        file: at the start of the array; left behind its last byte.
        stored: how many bytes the array and its header take in the file.
        name, path: for findings.
        limit: bytes that the array may take.

    Raises:
        Refused: before the values are read, where the header already shows it.
    """
    header, length = _read_header(file, name, path)
    kind, fortran, shape = _parse(header, name, path)
    size = prod(shape) * kind.itemsize
    if size > limit:
        raise Refused(too_large(path, size, limit))
    if size != stored - length:
        declared = f"{size:,} bytes for {kind.name} {shape}"
        raise Refused(broken(name, path, f"{stored - length:,} bytes", declared))
    values = _read_values(file, size, kind, name, path)
    array = values.reshape(shape[::-1]).T if fortran else values.reshape(shape)
    return native(array, name, path)


def _read_header(file: IO[bytes], name: str, path: Path) -> tuple[str, int]:
    start = file.read(8)
    if start[:6] != MAGIC:
        raise Refused(_no_array(name, path))
    if start[6:] not in (b"\x01\x00", b"\x02\x00"):
        raise Refused(broken(name, path, f"format {start[6:].hex('.')}", "format 1.0 or 2.0"))
    width = 2 if start[6] == 1 else 4
    length = int.from_bytes(file.read(width), "little")
    if length > HEADER_LIMIT:
        raise Refused(
            broken(name, path, f"a header of {length:,} bytes", f"at most {HEADER_LIMIT:,}")
        )
    header = file.read(length)
    if len(header) != length:
        raise Refused(broken(name, path, "the file ends within the header", "a whole header"))
    return header.decode("latin-1"), 8 + width + length


def _parse(header: str, name: str, path: Path) -> tuple[np.dtype[Any], bool, tuple[int, ...]]:
    text = header.strip()
    items, at = {}, 0
    body = text[1:-1].rstrip() if text[:1] + text[-1:] == "{}" else ""
    while match := _ITEM.match(body, at):
        items[match["key"]] = match["value"]
        at = match.end()
    shape = items.get("shape", "")
    sizes = [part.strip().rstrip("L") for part in shape.strip("()").split(",") if part.strip()]
    fits = at == len(body) and len(items) == 3 and shape.startswith("(")
    fits = fits and items["fortran_order"] in ("True", "False")
    fits = fits and all(re.fullmatch(r"\d{1,18}", size) for size in sizes)
    if not fits or not 1 <= len(sizes) <= AXES_LIMIT:
        expected = f"descr, fortran_order, and a shape of 1 to {AXES_LIMIT} axes"
        raise Refused(broken(name, path, " ".join(text.split())[:80], expected))
    kind = _kind(items["descr"].strip("'"), name, path)
    return kind, items["fortran_order"] == "True", tuple(map(int, sizes))


def _kind(descr: str, name: str, path: Path) -> np.dtype[Any]:
    if descr.startswith("["):
        raise Refused(_dtype(name, path, *_REFUSED["V"]))
    if not re.fullmatch(r"[<>|=]?([?bBO]|[biufcSUVmM]\d{1,6}(\[\w{1,8}\])?|[mM]8?)", descr):
        raise Refused(broken(name, path, f"values of kind {descr[:40]!r}", "a kind of number"))
    letter = descr.lstrip("<>|=")[:1]
    if letter in _REFUSED:
        raise Refused(_dtype(name, path, *_REFUSED[letter]))
    try:
        kind = np.dtype(descr)
    except TypeError as error:
        found = f"values of kind {descr[:40]!r}"
        raise Refused(broken(name, path, found, "a kind of number")) from error
    if kind.char == "g":
        raise Refused(_dtype(name, path, *_REFUSED["g"]))
    if not kind.itemsize:
        raise Refused(broken(name, path, "texts of no length", "a kind of number"))
    return kind


def _read_values(file: IO[bytes], size: int, kind: np.dtype[Any], name: str, path: Path) -> Array:
    """Read exactly `size` bytes, never more, however much an archive could unpack."""
    values = np.empty(size // kind.itemsize, kind)
    target, at = values.view(np.uint8), 0
    while at < size:
        part = file.read(min(CHUNK, size - at))
        if not part:
            raise Refused(broken(name, path, f"{at:,} bytes", f"{size:,} bytes"))
        target[at : at + len(part)] = np.frombuffer(part, np.uint8)
        at += len(part)
    return values


def native(array: Array, name: str, path: Path) -> tuple[Column, list[Diagnostic]]:
    """Answer the values as a column, with a note if they are stored in another way.

    Raises:
        Refused: for values that can't be trained on.
    """
    before = array.dtype
    letter = "g" if before.char == "g" else before.kind
    if letter in _REFUSED:
        raise Refused(_dtype(name, path, *_REFUSED[letter]))
    if before.kind == "U":
        return texts(array, name, path), []
    if before.kind == "u" and before.itemsize == 8 and array.size and array.max() >= 2**63:
        advice = "Renumber the values, or convert them with astype('float64')."
        raise Refused(_dtype(name, path, f"whole numbers up to {array.max():,}", advice))
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
    """Answer an array of Python's texts as a column: one text a row, or a list of them.

    Raises:
        Refused: for further axes, and for signs that no text holds.
    """
    if array.ndim > 2:
        advice = "Save each axis as an array of its own."
        raise Refused(_dtype(name, path, f"texts along {array.ndim} axes", advice))
    strange = broken(name, path, "a sign that Unicode does not have", "text")
    if array.dtype.kind == "U":
        signs = np.ascontiguousarray(array, array.dtype.newbyteorder("=")).view(np.uint32)
        if signs.size and np.max(signs) > UNICODE:
            raise Refused(strange)
    try:
        return words(array)
    except UnicodeEncodeError as error:
        raise Refused(strange) from error


def _no_array(name: str, path: Path) -> Diagnostic:
    return Diagnostic(
        "data-format",
        f'"{name}" is no array in the .npy format',
        place=f"array {name} in {path.name}",
        found="other bytes at the start",
        expected="an array as numpy.save writes it",
        fixes=(Fix("Save the array again with numpy.save or numpy.savez."),),
    )


def _dtype(name: str, path: Path, found: str, advice: str) -> Diagnostic:
    return Diagnostic(
        "array-dtype",
        f'"{name}" holds {found}',
        place=f"array {name} in {path.name}",
        found=found,
        expected="real numbers, whole numbers, booleans or text",
        fixes=(Fix(advice),),
    )


def broken(name: str, path: Path, found: str, expected: str) -> Diagnostic:
    """Answer the finding for an array whose header and bytes do not agree."""
    return Diagnostic(
        "array-broken",
        f'"{name}" is damaged',
        place=f"array {name} in {path.name}",
        found=found,
        expected=expected,
        fixes=(Fix("Write the file again, or copy it again from where it came."),),
    )


def too_large(path: Path, size: int, limit: int) -> Diagnostic:
    """Answer the finding for a file that declares more than the limit."""
    return Diagnostic(
        "data-too-large",
        f'"{path.name}" is larger than the limit',
        place=str(path),
        found=f"{size / 2**30:,.1f} GiB",
        expected=f"at most {limit / 2**30:,.1f} GiB",
        fixes=(Fix("Use fewer rows, or a smaller dtype such as float32 or uint16."),),
    )

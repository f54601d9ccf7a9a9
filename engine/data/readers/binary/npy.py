"""Reads one array in numpy's .npy format, trusting nothing that its header says.

Source: the format is described in numpy.lib.format. The header is matched by patterns, since
evaluating it, even as a literal, would hand a stranger's text to Python's compiler.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.table.column_types import Column
from engine.data.table.dtypes import REFUSED, array_dtype, broken, native, too_large

Array = NDArray[Any]
MAGIC = b"\x93NUMPY"
HEADER_LIMIT = 10_000
AXES_LIMIT = 32
CHUNK = 2**24

_ITEM = re.compile(
    r"""\s*'(?P<key>descr|fortran_order|shape)'\s*:\s*
    (?P<value>'[^']*'|\[.*\]|True|False|\([\d\s,L-]*\))\s*(?:,|$)""",
    re.VERBOSE | re.DOTALL,
)


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
    header = read_header(file, stored, name, path, limit)
    return native(read_rows(file, header, header.shape[0], name, path), name, path)


@dataclass(frozen=True, slots=True)
class Header:
    """What the start of an array says about it, checked.

    Args:
        kind: of each value.
        fortran: True if the first axis runs fastest, so that rows do not lie one after the other.
        shape: rows first.
    """

    kind: np.dtype[Any]
    fortran: bool
    shape: tuple[int, ...]


def read_header(
    file: IO[bytes], stored: int, name: str, path: Path, limit: int | None = None
) -> Header:
    """Read and check what stands before the values; arguments as for `read_npy`.

    Raises:
        Refused: if it does not fit the bytes that follow, or they are more than the limit.
    """
    text, length = _read_text(file, name, path)
    header = Header(*_parse(text, name, path))
    size = prod(header.shape) * header.kind.itemsize
    if limit is not None and size > limit:
        raise Refused(too_large(path, size, limit))
    if size != stored - length:
        declared = f"{size:,} bytes for {header.kind.name} {header.shape}"
        raise Refused(broken(name, path, f"{stored - length:,} bytes", declared))
    return header


def read_rows(file: IO[bytes], header: Header, rows: int, name: str, path: Path) -> Array:
    """Read the next rows; where they do not lie one after the other, that has to be all of them.

    Raises:
        Refused: if the file ends before.
    """
    shape = (rows, *header.shape[1:])
    size = prod(shape) * header.kind.itemsize
    values = _read_values(file, size, header.kind, name, path)
    return values.reshape(shape[::-1]).T if header.fortran else values.reshape(shape)


def _read_text(file: IO[bytes], name: str, path: Path) -> tuple[str, int]:
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
        raise Refused(array_dtype(name, path, *REFUSED["V"]))
    if not re.fullmatch(r"[<>|=]?([?bBO]|[biufcSUVmM]\d{1,6}(\[\w{1,8}\])?|[mM]8?)", descr):
        raise Refused(broken(name, path, f"values of kind {descr[:40]!r}", "a kind of number"))
    letter = descr.lstrip("<>|=")[:1]
    if letter in REFUSED:
        raise Refused(array_dtype(name, path, *REFUSED[letter]))
    try:
        kind = np.dtype(descr)
    except TypeError as error:
        found = f"values of kind {descr[:40]!r}"
        raise Refused(broken(name, path, found, "a kind of number")) from error
    if kind.char == "g":
        raise Refused(array_dtype(name, path, *REFUSED["g"]))
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


def _no_array(name: str, path: Path) -> Diagnostic:
    return Diagnostic(
        "data-format",
        f'"{name}" is no array in the .npy format',
        place=f"array {name} in {path.name}",
        found="other bytes at the start",
        expected="an array as numpy.save writes it",
        fixes=(Fix("Save the array again with numpy.save or numpy.savez."),),
    )

"""Reads and writes .npz archives: a zip of .npy arrays, checked member by member."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.readers.binary.npy import read_npy
from engine.data.table.column_types import Column
from engine.data.table.dtypes import broken, too_large

Array = NDArray[Any]
MEMBERS_LIMIT = 10_000
DIRECTORY_LIMIT = 2**22  # bytes, which hold so many members with room to spare
_TAIL = 2**16 + 128  # the end of a zip: two records, and a comment
_ELSEWHERE = 2**32 - 1  # stands for a size that the larger record holds
ENCRYPTED = 0x1
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_npz(path: Path, limit: int) -> tuple[dict[str, Column], list[Diagnostic]]:
    """Read all arrays of an archive, in memory; nothing is ever unpacked to the disk.

    Raises:
        Refused: if the archive is damaged, odd, or declares more than `limit` bytes.
    """
    _refuse_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = checked(archive, path, limit)
            return _read_members(archive, members, path, limit)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise Refused(no_archive(path)) from error


def _refuse_directory(path: Path) -> None:
    """Look at the size of the list of members before Python reads millions of them.

    Raises:
        Refused: if so many members would not be read anyway.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    large = tail.rfind(b"PK\x06\x06", 0, end) if end >= 0 else -1
    size = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    if size == _ELSEWHERE and large >= 0:
        size = int.from_bytes(tail[large + 40 : large + 48], "little")
    if size > DIRECTORY_LIMIT:
        raise Refused(
            _odd(path, f"a list of members of {size:,} bytes", f"at most {MEMBERS_LIMIT:,} members")
        )


def checked(archive: zipfile.ZipFile, path: Path, limit: int | None) -> list[zipfile.ZipInfo]:
    """Return the members of an archive, each an array of a plain name.

    Raises:
        Refused: for anything else, and if they declare more than `limit` bytes.
    """
    members = archive.infolist()
    if len(members) > MEMBERS_LIMIT:
        raise Refused(_odd(path, f"{len(members):,} members", f"at most {MEMBERS_LIMIT:,}"))
    for name, times in Counter(info.filename for info in members).items():
        if times > 1:
            raise Refused(_odd(path, f"{name!r} {times} times", "each name once"))
    for info in members:
        name = info.orig_filename
        if not name.endswith(".npy") or name == ".npy":
            raise Refused(_odd(path, repr(name), "only arrays, called NAME.npy"))
        if any(sign in name for sign in "/\\:\0") or not name.isprintable():
            raise Refused(_odd(path, repr(name), "plain names, without a path"))
        if info.flag_bits & ENCRYPTED or info.compress_type not in METHODS:
            raise Refused(_odd(path, f"{name!r} encrypted or packed in a rare way", "plain zip"))
    declared = sum(info.file_size for info in members)
    if limit is not None and declared > limit:
        raise Refused(too_large(path, declared, limit))
    return members


def _read_members(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], path: Path, limit: int
) -> tuple[dict[str, Column], list[Diagnostic]]:
    columns: dict[str, Column] = {}
    notes: list[Diagnostic] = []
    for info in members:
        name = info.filename.removesuffix(".npy")
        try:
            with archive.open(info) as file:
                columns[name], note = read_npy(file, info.file_size, name, path, limit)
                file.read(1)  # the checksum is compared at the end of the member only
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise Refused(broken(name, path, str(error), "bytes that fit the checksum")) from error
        notes += note
    return columns, notes


def npz_bytes(arrays: Mapping[str, Array]) -> bytes:
    """Return an archive; equal arrays give equal bytes, since members carry no date."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            member = zipfile.ZipInfo(f"{name}.npy")
            archive.writestr(member, buffer.getvalue(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def no_archive(path: Path) -> Diagnostic:
    """Return the finding for a file that is no archive."""
    return Diagnostic(
        "data-format",
        f'"{path.name}" is no .npz archive, or is cut off',
        place=str(path),
        found="bytes that are no zip archive",
        expected="an archive as numpy.savez writes it",
        fixes=(Fix("Save the arrays again with numpy.savez, or copy the file again."),),
    )


def _odd(path: Path, found: str, expected: str) -> Diagnostic:
    return Diagnostic(
        "archive-odd",
        f'"{path.name}" holds something that is no array',
        place=str(path),
        found=found,
        expected=expected,
        fixes=(Fix("Save the arrays again with numpy.savez, each under a name of its own."),),
    )

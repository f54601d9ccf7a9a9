"""Reader and writer of .npz archives, which are zip files that contain .npy files."""

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

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.readers.binary.npy import read_npy
from engine.data.table.column_types import Column
from engine.data.table.dtypes import damaged_array_error, file_too_large_error

Array = NDArray[Any]
MEMBERS_LIMIT = 10_000
DIRECTORY_LIMIT = 2**22  # bytes of the central directory, enough for `MEMBERS_LIMIT` members
_TAIL_SIZE = 2**16 + 128  # bytes that contain the end records of a zip file and the longest comment
_ZIP64 = 2**32 - 1  # a size field with this value refers to the ZIP64 record
ENCRYPTED_FLAG = 0x1
COMPRESSION_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_npz(path: Path, limit: int) -> tuple[dict[str, Column], list[Diagnostic]]:
    """Return the arrays of an archive as columns, and infos on conversions of their dtypes.

    Raises:
        DiagnosticError: if the archive is damaged, invalid, or larger than `limit` bytes.
    """
    _check_directory_size(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = check_members(archive, path, limit)
            return _read_members(archive, members, path, limit)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise DiagnosticError(not_npz_diagnostic(path)) from error


def _check_directory_size(path: Path) -> None:
    """Raise an error if the list of members is so large that Python would take long to read it."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_SIZE))
        tail = file.read()
    # Read the size in the "end of central directory" record, or in its ZIP64 version.
    end = tail.rfind(b"PK\x05\x06")
    zip64 = tail.rfind(b"PK\x06\x06", 0, end) if end >= 0 else -1
    size = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    if size == _ZIP64 and zip64 >= 0:
        size = int.from_bytes(tail[zip64 + 40 : zip64 + 48], "little")
    if size > DIRECTORY_LIMIT:
        raise _invalid_error(
            path, f"a central directory of {size:,} bytes", f"at most {MEMBERS_LIMIT:,} members"
        )


def check_members(archive: zipfile.ZipFile, path: Path, limit: int | None) -> list[zipfile.ZipInfo]:
    """Validate the members of an archive, and return them.

    Raises:
        DiagnosticError: if there are too many members, if a name is not unique or not NAME.npy,
            if a compression is not supported, or if the total exceeds `limit` bytes.
    """
    members = archive.infolist()
    if len(members) > MEMBERS_LIMIT:
        raise _invalid_error(path, f"{len(members):,} members", f"at most {MEMBERS_LIMIT:,}")
    for name, count in Counter(info.filename for info in members).items():
        if count > 1:
            raise _invalid_error(path, f"{name!r} {count} times", "unique names")
    for info in members:
        name = info.orig_filename
        if not name.endswith(".npy") or name == ".npy":
            raise _invalid_error(path, repr(name), "only arrays named NAME.npy")
        if any(char in name for char in "/\\:\0") or not name.isprintable():
            raise _invalid_error(path, repr(name), "plain names, without a path")
        if info.flag_bits & ENCRYPTED_FLAG or info.compress_type not in COMPRESSION_METHODS:
            raise _invalid_error(path, f"{name!r}, encrypted or not deflated", "plain zip")
    declared = sum(info.file_size for info in members)
    if limit is not None and declared > limit:
        raise file_too_large_error(path, declared, limit)
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
                columns[name], infos = read_npy(file, info.file_size, name, path, limit)
                file.read(1)  # makes zipfile verify the checksum
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise damaged_array_error(
                name, path, str(error), "bytes that match the checksum"
            ) from error
        notes += infos
    return columns, notes


def npz_bytes(arrays: Mapping[str, Array]) -> bytes:
    """Return the bytes of an .npz archive; they depend only on the arrays, not on the time."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            member = zipfile.ZipInfo(f"{name}.npy")
            archive.writestr(member, buffer.getvalue(), zipfile.ZIP_DEFLATED)
    return data.getvalue()


def not_npz_diagnostic(path: Path) -> Diagnostic:
    """Return the diagnostic for a file that is not an .npz archive."""
    return Diagnostic(
        "data-format",
        f'"{path.name}" is not an .npz archive, or is truncated',
        place=str(path),
        found="no zip archive",
        expected="an archive written by numpy.savez",
        fixes=(Fix("Save the arrays again with numpy.savez, or copy the file again."),),
    )


def _invalid_error(path: Path, found: str, expected: str) -> DiagnosticError:
    return DiagnosticError(
        Diagnostic(
            "archive-odd",
            f'"{path.name}" contains something other than arrays',
            place=str(path),
            found=found,
            expected=expected,
            fixes=(Fix("Save the arrays again with numpy.savez, each under its own name."),),
        )
    )

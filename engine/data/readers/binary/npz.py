"""Opens .npz archives, which are zip files that contain .npy files."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.data.readers.binary.npy import READ_CHUNK_SIZE
from engine.data.table.dtypes import damaged_array_error, file_too_large_error

MEMBERS_LIMIT = 10_000
# An archive beyond this size and ratio of compression is refused, since nearly all its values would
# be equal. It would take more memory than its size, even if it was read in chunks.
SUSPICIOUS_SIZE = 4 * 2**30
SUSPICIOUS_RATIO = 100
ENCRYPTED_FLAG = 0x1
_ZIP_ERRORS = (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError)
COMPRESSION_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@contextmanager
def open_npz(path: Path) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """Open an archive, and yield it with its validated members. No member is decompressed.

    Raises:
        DiagnosticError: if the archive is damaged, or if numpy.savez does not write such members.
    """
    with _ArchiveFile(path) as file:
        try:
            archive = zipfile.ZipFile(file)
        except _ZIP_ERRORS as error:
            raise diagnostic_error(
                "data-format",
                f'"{path.name}" is not an .npz archive, or is truncated',
                "Save the arrays again with numpy.savez, or copy the file again.",
                place=str(path),
                found="no zip archive",
                expected="an archive written by numpy.savez",
            ) from error
        members = archive.infolist()
        _check_members(members, path)
        yield archive, members


class _ArchiveFile(io.FileIO):
    """An archive that is read in small pieces only.

    Why: zipfile reads the directory as a whole, and needs ten times its size for the entries.
        Arrays are read in pieces of `READ_CHUNK_SIZE`, so a longer read is a directory.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > READ_CHUNK_SIZE:
            limit = f"at most {READ_CHUNK_SIZE:,}"
            raise _invalid_error(self.name, f"a directory of {size:,} bytes", limit)
        return super().read(size)


def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> IO[bytes]:
    """Open a member of the archive `path` for reading.

    Raises:
        DiagnosticError: if the member is damaged.
    """
    try:
        return archive.open(info)
    except _ZIP_ERRORS as error:
        name, expected = info.filename.removesuffix(".npy"), "a member that numpy.savez wrote"
        raise damaged_array_error(name, path, str(error), expected) from error


def total_size(members: Sequence[zipfile.ZipInfo]) -> int:
    """Return the decompressed size of members of an archive in bytes."""
    return sum(info.file_size for info in members)


def _check_members(members: Sequence[zipfile.ZipInfo], path: Path) -> None:
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
    size = total_size(members)
    if size > max(SUSPICIOUS_SIZE, SUSPICIOUS_RATIO * path.stat().st_size):
        raise file_too_large_error(path, size, SUSPICIOUS_SIZE)


@contextmanager
def zip_errors(name: str, path: Path) -> Iterator[None]:
    """Convert errors of a damaged archive in this context to a `DiagnosticError`."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise damaged_array_error(
            name, path, str(error), "bytes that match the checksum"
        ) from error


def _invalid_error(path: Path, found: str, expected: str) -> DiagnosticError:
    return diagnostic_error(
        "archive-odd",
        f'"{path.name}" contains something other than arrays',
        "Save the arrays again with numpy.savez, each under its own name.",
        place=str(path),
        found=found,
        expected=expected,
    )

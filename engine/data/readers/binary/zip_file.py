"""Opens zip files with limits against decompression bombs; .npz archives are zip files, too."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.data.table.dtypes import damaged_array_error, file_too_large_error

MEMBERS_LIMIT = 10_000
READ_CHUNK_SIZE = 2**22  # the bytes of an array that are read at a time
# An archive beyond this size and ratio of compression is refused, since nearly all its values would
# be equal. It would take more memory than its size, even if it was read in chunks.
SUSPICIOUS_SIZE = 4 * 2**30
SUSPICIOUS_RATIO = 100
ENCRYPTED_FLAG = 0x1
ZIP_ERRORS = (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError)
COMPRESSION_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@contextmanager
def open_zip(path: Path) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """Open a zip file, and yield it with its members. No member is decompressed.

    Raises:
        DiagnosticError: if the file is damaged or encrypted, or would be too large decompressed.
    """
    with _ArchiveFile(path) as file:
        try:
            archive = zipfile.ZipFile(file)
        except ZIP_ERRORS as error:
            is_npz = path.suffix.lower() == ".npz"
            noun = "an .npz archive" if is_npz else f"a {path.suffix.lower()} file"
            again = "Save the arrays again with numpy.savez" if is_npz else "Write it again"
            raise diagnostic_error(
                "data-format",
                f'"{path.name}" is not {noun}, or is truncated',
                f"{again}, or copy the file again.",
                place=str(path),
                found="no zip archive",
                expected="an archive written by numpy.savez" if is_npz else "a zip archive",
            ) from error
        members = archive.infolist()
        _check_packing(members, path)
        yield archive, members


class _ArchiveFile(io.FileIO):
    """An archive that is read in small pieces only.

    Why: zipfile reads the directory as a whole, and needs ten times its size for the entries.
        Arrays are read in pieces of `READ_CHUNK_SIZE`, so a longer read is a directory.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > READ_CHUNK_SIZE:
            limit = f"at most {READ_CHUNK_SIZE:,}"
            raise archive_error(Path(str(self.name)), f"a directory of {size:,} bytes", limit)
        return super().read(size)


def total_size(members: Sequence[zipfile.ZipInfo]) -> int:
    """Return the decompressed size of members of an archive in bytes."""
    return sum(info.file_size for info in members)


def _check_packing(members: Sequence[zipfile.ZipInfo], path: Path) -> None:
    if len(members) > MEMBERS_LIMIT:
        raise archive_error(path, f"{len(members):,} members", f"at most {MEMBERS_LIMIT:,}")
    for name, count in Counter(info.filename for info in members).items():
        if count > 1:
            raise archive_error(path, f"{name!r} {count} times", "unique names")
    for info in members:
        if info.flag_bits & ENCRYPTED_FLAG or info.compress_type not in COMPRESSION_METHODS:
            found = f"{info.orig_filename!r}, encrypted or not deflated"
            raise archive_error(path, found, "plain zip")
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


def archive_error(path: Path, found: str, expected: str) -> DiagnosticError:
    """Return the error for an archive with members that can't be read."""
    is_npz = path.suffix.lower() == ".npz"
    return diagnostic_error(
        "archive-odd",
        f'"{path.name}" contains something other than {"arrays" if is_npz else "tables"}',
        "Save the arrays again with numpy.savez, each under its own name."
        if is_npz
        else "Unpack it, and name the folder or the file with the table.",
        place=str(path),
        found=found,
        expected=expected,
    )

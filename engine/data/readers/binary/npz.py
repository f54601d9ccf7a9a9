"""Opens .npz archives, which are zip files that contain .npy files."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from engine.data.readers.binary.zip_file import ZIP_ERRORS, archive_error, open_zip
from engine.data.table.dtypes import damaged_array_error


@contextmanager
def open_npz(path: Path) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """Open an archive, and yield it with its validated members. No member is decompressed.

    Raises:
        DiagnosticError: if the archive is damaged, or if numpy.savez does not write such members.
    """
    with open_zip(path) as (archive, members):
        _check_names(members, path)
        yield archive, members


def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> IO[bytes]:
    """Open a member of the archive `path` for reading.

    Raises:
        DiagnosticError: if the member is damaged.
    """
    try:
        return archive.open(info)
    except ZIP_ERRORS as error:
        name, expected = info.filename.removesuffix(".npy"), "a member that numpy.savez wrote"
        raise damaged_array_error(name, path, str(error), expected) from error


def _check_names(members: Sequence[zipfile.ZipInfo], path: Path) -> None:
    for info in members:
        name = info.orig_filename
        if not name.endswith(".npy") or name == ".npy":
            raise archive_error(path, repr(name), "only arrays named NAME.npy")
        if any(char in name for char in "/\\:\0") or not name.isprintable():
            raise archive_error(path, repr(name), "plain names, without a path")

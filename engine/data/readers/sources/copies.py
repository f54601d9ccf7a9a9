"""Local copies of what no reader reads: pipes, http URLs, databases, and zip files."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path, PurePosixPath

from engine.core.files.process_folder import new_process_folder
from engine.core.formatting.urls import STDIN_NAMES, url_of
from engine.data.readers.binary.zip_file import open_zip, zip_errors
from engine.data.readers.registry import ZIP_EXTENSION, file_extension
from engine.data.readers.sources.content import rename_by_content
from engine.data.readers.sources.database import query_result
from engine.data.table.dtypes import size_limit_error
from engine.data.table.table import data_not_found_error

MAX_PIPE_BYTES = 16 * 2**30
_BLOCK_BYTES = 2**20


def local_copy(path: Path) -> Path | None:
    """Return a file with what stdin ("-"), a pipe, an http URL or a database has; None for others.

    For a zip file, return a folder with its members; FILE.zip#MEMBER is one of them. Pipes are read
    once in a process, and zip files are unpacked once unless they change.

    Raises:
        DiagnosticError: if it is too large, or if the URL can't be opened.
        OSError: if it can't be read or copied.
    """
    if str(path) in STDIN_NAMES:
        return _pipe_copy(0, "stdin")
    if (url := url_of(path)).startswith(("http://", "https://")):
        from engine.data.readers.sources.download import downloaded

        address, _, part = url.partition("#")
        copy = downloaded(address)
        return Path(f"{copy}#{part}") if part else copy
    if path.is_fifo():
        return _pipe_copy(str(path), path.name)
    archive, _, member = str(path).partition(f"{ZIP_EXTENSION}#")
    file = Path(f"{archive}{ZIP_EXTENSION}") if member else path
    if file_extension(file) == ZIP_EXTENSION and file.is_file() and file.stat().st_size:
        return _unpacked_member(file, member)
    return query_result(path)


def _unpacked_member(file: Path, member: str) -> Path:
    folder = _unpacked(file.absolute(), file.stat().st_mtime_ns)
    names = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file()]
    if not names or not (folder / member).exists():
        path = Path(f"{file}#{member}") if member else file
        raise data_not_found_error(path, ", ".join(names)[:120] or "an empty archive")
    content = list(folder.iterdir())
    while not member and len(content) == 1 and content[0].is_dir() and "=" not in content[0].name:
        folder = content[0]
        content = list(folder.iterdir())
    return folder / member


@cache
def _unpacked(file: Path, modified: int) -> Path:
    """Unpack a zip file, without hidden files and zip files in it, into a new folder."""
    folder = new_process_folder()
    with open_zip(file) as (archive, members):
        for info in members:
            parts = PurePosixPath(info.filename).parts
            is_hidden = any(part.startswith((".", "_")) for part in parts)  # such as __MACOSX
            if not (is_hidden or info.is_dir() or info.filename.lower().endswith(ZIP_EXTENSION)):
                with zip_errors(info.filename, file):
                    unpacked = archive.extract(info, folder)
                os.utime(unpacked, ns=(modified, modified))  # so that cached rows are found again
    return folder


@cache
def _pipe_copy(pipe: int | str, name: str) -> Path:
    file, size = new_process_folder() / name, 0
    with open(pipe, "rb", closefd=pipe != 0) as source, file.open("wb") as target:
        while block := source.read(_BLOCK_BYTES):
            size += len(block)
            if size > MAX_PIPE_BYTES:
                advice = "Write it to a file, and name the file with --data."
                raise size_limit_error(f'"{name}" is', name, None, MAX_PIPE_BYTES, advice)
            target.write(block)
    return rename_by_content(file)

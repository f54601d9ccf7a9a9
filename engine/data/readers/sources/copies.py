"""Local copies of what is no file: stdin, other pipes, what http URLs name, and queries."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from engine.core.files.process_folder import new_process_folder
from engine.core.formatting.urls import STDIN_NAMES, url_of
from engine.data.readers.sources.content import rename_by_content
from engine.data.readers.sources.database import query_result
from engine.data.table.dtypes import size_limit_error

MAX_PIPE_BYTES = 16 * 2**30
_BLOCK_BYTES = 2**20


def local_copy(path: Path) -> Path | None:
    """Return a file with what stdin ("-"), a pipe, an http URL or a database has; None for others.

    A pipe is read once in a process.

    Raises:
        DiagnosticError: if it is too large, or if the URL can't be opened.
        OSError: if it can't be read or copied.
    """
    if str(path) in STDIN_NAMES:
        return _pipe_copy(0, "stdin")
    if (url := url_of(path)).startswith(("http://", "https://")):
        from engine.data.readers.sources.download import downloaded

        copy, part = downloaded(url), url.partition("#")[2]
        return Path(f"{copy}#{part}") if part else copy
    if path.is_fifo():
        return _pipe_copy(str(path), path.name)
    return query_result(path)


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

"""Downloads of http URLs to temporary files.

Why urllib: it needs no thread, unlike fsspec, and gives the headers with the name and the size.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from http.client import HTTPException, HTTPResponse
from pathlib import Path, PurePosixPath
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.files.process_folder import new_process_folder, set_time_by_content
from engine.data.readers.registry import READABLE_EXTENSIONS, file_extension
from engine.data.readers.sources.content import rename_by_content
from engine.data.table.dtypes import size_limit_error

MAX_DOWNLOAD_BYTES = 4 * 2**30
TIMEOUT = 30.0  # seconds without an answer
_BLOCK_BYTES = 2**18


@cache
def downloaded(url: str) -> Path:
    """Return a local copy of the file at a URL, which is downloaded once in a process.

    Raises:
        DiagnosticError: if the URL can't be opened, or if the file is too large.
        OSError: if the copy can't be written.
    """
    request = Request(url, headers={"User-Agent": "Layerloom"})
    try:
        with urlopen(request, timeout=TIMEOUT) as response:
            file = _save(response, url)
    except HTTPError as error:
        error.close()
        raise _download_error(url, f"{error.code} {error.reason}") from error
    except (OSError, ValueError, HTTPException) as error:
        if isinstance(error, OSError) and error.filename:  # the disk failed, not the network
            raise
        raise _download_error(url, str(getattr(error, "reason", error) or error)) from error
    set_time_by_content(file)
    return file


def _save(response: HTTPResponse, url: str) -> Path:
    """Write the body of a response to a file with the name in its header or URL; return it."""
    expected = response.headers.get("Content-Length")
    paths = (response.headers.get_filename() or "", unquote(urlsplit(url).path))
    names = (PurePosixPath(path).name.lstrip(".") for path in paths)
    name = next((x for x in names if file_extension(Path(x)) in READABLE_EXTENSIONS), "")
    file = new_process_folder() / (name or "download")
    with file.open("wb") as target:
        for block in _blocks(response, url, int(expected or 0)):
            target.write(block)
    if expected and file.stat().st_size != int(expected):
        raise ConnectionError(f"{file.stat().st_size:,} of {int(expected):,} bytes")
    return file if name else rename_by_content(file)


def _blocks(response: HTTPResponse, url: str, total: int) -> Iterator[bytes]:
    """Yield the body of a response, at most `MAX_DOWNLOAD_BYTES`."""
    done = 0
    while total <= MAX_DOWNLOAD_BYTES and (block := response.read(_BLOCK_BYTES)):
        if not done and block.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
            raise _download_error(url, "a web page")
        done += len(block)
        if done > MAX_DOWNLOAD_BYTES:
            break
        yield block
    if max(done, total) > MAX_DOWNLOAD_BYTES:
        advice = "Download it yourself, and name the file with --data."
        raise size_limit_error("the download is", url, total or None, MAX_DOWNLOAD_BYTES, advice)


def _download_error(url: str, found: str) -> DiagnosticError:
    return diagnostic_error(
        "data-url",
        f'"{PurePosixPath(urlsplit(url).path).name}" can\'t be downloaded',
        "Check the address in a browser, and the network.",
        "Download the file yourself, and name the file with --data.",
        place=url,
        found=found[:120],
        expected="a file with a table",
    )

"""Downloads of http URLs into the cache folder, where they are kept and removed as other entries.

A copy is used again if the server says that it is current, by its ETag or the time of its change.
Why urllib: it needs no thread, unlike fsspec, and a request for a changed file takes two headers.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.files.cache_folder import DOWNLOAD_RECORD, cache_folder
from engine.data.readers.registry import READABLE_EXTENSIONS, file_extension
from engine.data.readers.sources.content import rename_by_content
from engine.data.table.dtypes import size_limit_error

MAX_DOWNLOAD_BYTES = 4 * 2**30
TIMEOUT = 30.0  # seconds without an answer
_FRESH_SECONDS = 60.0  # a copy is not checked again before
_BLOCK_BYTES = 2**18

_checked: dict[str, tuple[float, Path]] = {}


def downloaded(url: str) -> Path:
    """Return the local copy of the file at a URL, downloading it unless the copy is current.

    Raises:
        DiagnosticError: if the URL can't be opened, or if the file is too large.
        OSError: if the copy can't be written.
    """
    url = url.partition("#")[0]
    checked, file = _checked.get(url, (0.0, Path()))
    if time.monotonic() - checked > _FRESH_SECONDS or not file.is_file():
        folder = cache_folder() / f"download-{hashlib.sha256(url.encode()).hexdigest()[:32]}"
        file = _current_copy(url, folder)
        _checked[url] = time.monotonic(), file
    return file


def _current_copy(url: str, folder: Path) -> Path:
    record: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        record = json.loads((folder / DOWNLOAD_RECORD).read_bytes())
    known = folder / str(record.get("file", ""))
    headers = {"User-Agent": "Layerloom"}
    if record.get("stamp") == _stamp(known):
        headers |= {"If-None-Match": record["etag"], "If-Modified-Since": record["modified"]}
    request = Request(url, headers={name: text for name, text in headers.items() if text})
    try:
        with urlopen(request, timeout=TIMEOUT) as response:
            file = _save(response, url, folder)
            etag, modified = (response.headers.get(x) for x in ("ETag", "Last-Modified"))
    except HTTPError as error:
        error.close()
        if error.code == 304:
            os.utime(folder / DOWNLOAD_RECORD)  # the time of its last use
            return known
        raise _download_error(url, f"{error.code} {error.reason}") from error
    except (OSError, ValueError, HTTPException) as error:
        if isinstance(error, OSError) and error.filename:  # the disk failed, not the network
            raise
        raise _download_error(url, str(getattr(error, "reason", error) or error)) from error
    record = {"name": url, "file": file.name, "etag": etag, "modified": modified}
    (folder / DOWNLOAD_RECORD).write_text(json.dumps({**record, "stamp": _stamp(file)}))
    return file


def _stamp(file: Path) -> list[int]:
    with suppress(OSError):
        return [file.stat().st_size, file.stat().st_mtime_ns]
    return []


def _save(response: HTTPResponse, url: str, folder: Path) -> Path:
    """Write the body of a response into a folder, under the name in its header or URL."""
    folder.mkdir(parents=True, exist_ok=True)
    expected = response.headers.get("Content-Length")
    paths = (response.headers.get_filename() or "", unquote(urlsplit(url).path))
    names = (PurePosixPath(path).name.lstrip(".") for path in paths)
    name = next((x for x in names if file_extension(Path(x)) in READABLE_EXTENSIONS), "")
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        file = Path(temporary, name or "download")
        with file.open("wb") as target:
            for block in _blocks(response, url, int(expected or 0)):
                target.write(block)
        if expected and file.stat().st_size != int(expected):
            raise ConnectionError(f"{file.stat().st_size:,} of {int(expected):,} bytes")
        file = file if name else rename_by_content(file)
        return file.replace(folder / file.name)


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

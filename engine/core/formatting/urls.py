"""URLs of data in variables of type `Path`, as command lines and records of runs give them."""

from __future__ import annotations

import os
import re

# `Path` removes all but one of the slashes after the colon. A scheme has at least two letters,
# unlike a drive of Windows.
_SCHEME = re.compile(r"\b([a-z][a-z0-9+.-]+):/+")


def url_of(path: str | os.PathLike[str]) -> str:
    """Return the URL that a path was made from, such as "s3://bucket/key"; "" for other paths."""
    text = os.fspath(path)
    if not _SCHEME.match(text) or os.path.exists(text):
        return ""
    url = _SCHEME.sub(r"\1://", text)
    return url.replace("file://", "file:///", 1) if url.startswith("file://") else url


def path_text(path: str | os.PathLike[str]) -> str:
    """Return a path or URL as text. `Path` of the text is the same path."""
    return url_of(path) or os.fspath(path)


def absolute_text(path: str | os.PathLike[str]) -> str:
    """Return a URL, or the absolute path, as text."""
    return url_of(path) or os.path.abspath(path)

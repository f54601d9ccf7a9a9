"""URLs of data in variables of type `Path`, as command lines and records of runs give them."""

from __future__ import annotations

import os
import re

STDIN_NAMES = ("-", "/dev/stdin")
# `Path` removes all but one of the slashes after the colon. A scheme has at least two letters,
# unlike a drive of Windows.
_SCHEME = re.compile(r"\b([a-z][a-z0-9+.-]+):/+")
# A user name or password before the host, and values of the query that give access.
_USER = re.compile(r"://[^/?#]*@")
_SECRET = re.compile(
    r"([?&](?:[^=&#]*(?:token|secret|passw|signature|credential|api[-_]?key|access[-_]?key)[^=&#]*"
    r"|sig|key|auth)=)[^&#]*",
    re.IGNORECASE,
)


def url_of(path: str | os.PathLike[str]) -> str:
    """Return the URL that a path was made from, such as "s3://bucket/key"; "" for other paths."""
    text = os.fspath(path)
    if not _SCHEME.match(text) or os.path.exists(text):
        return ""
    url = _SCHEME.sub(r"\1://", text)
    return url.replace("file://", "file:///", 1) if url.startswith("file://") else url


def without_credentials(url: str) -> str:
    """Return a URL with "..." in place of user names, passwords and keys, for messages."""
    return _SECRET.sub(r"\1...", _USER.sub("://...@", url))


def path_text(path: str | os.PathLike[str]) -> str:
    """Return a path or URL as text, without credentials. `Path` of the text is the same path."""
    return without_credentials(url_of(path)) or os.fspath(path)


def absolute_text(path: str | os.PathLike[str]) -> str:
    """Return a URL without credentials, the absolute path, or "/dev/stdin" for "-", as text."""
    text = STDIN_NAMES[1] if os.fspath(path) == STDIN_NAMES[0] else os.path.abspath(path)
    return without_credentials(url_of(path)) or text

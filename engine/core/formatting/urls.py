"""URLs of data in variables of type `Path`, as command lines and records of runs give them."""

from __future__ import annotations

import os
import re

STDIN_NAMES = ("-", "/dev/stdin")
# `Path` removes all but one of the slashes after the colon. A scheme has at least two letters,
# unlike a drive of Windows.
_SCHEME = re.compile(r"\b([a-z][a-z0-9+.-]+):/+")
# A user name or password before the host, and values of the query that give access.
# The URL of a database keeps its user name, without which the password can't be found.
DATABASE_SCHEMES = ("postgresql://", "postgres://")
_USER = re.compile(r"(?<!postgresql)(?<!postgres)://[^/?#]*@")
_PASSWORD = re.compile(r"\b(postgres(?:ql)?:/+[^:/@#\s]*):\S*@")
_SECRET = re.compile(
    r"([?&](?:[^=&#\s]*(?:token|secret|passw|signature|credential|api[-_]?key|access[-_]?key)"
    r"[^=&#\s]*|sig|key|auth)=)[^&#]*",
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
    return _SECRET.sub(r"\1...", _USER.sub("://...@", without_password(url)))


def without_password(url: str) -> str:
    """Return the URL of a database without its password, any other text unchanged."""
    return _PASSWORD.sub(r"\1@", url)


def path_text(path: str | os.PathLike[str]) -> str:
    """Return a path or URL as text, without credentials. `Path` of the text is the same path."""
    return without_credentials(url_of(path)) or os.fspath(path)


def absolute_text(path: str | os.PathLike[str]) -> str:
    """Return a URL without credentials, the absolute path, or "/dev/stdin" for "-", as text."""
    text = STDIN_NAMES[1] if os.fspath(path) == STDIN_NAMES[0] else os.path.abspath(path)
    return without_credentials(url_of(path)) or text

"""Formats paths for commands that a user may copy into a shell."""

from __future__ import annotations

import os
from shlex import quote

from engine.core.formatting.urls import path_text


def shell_path(path: str | os.PathLike[str]) -> str:
    """Return a path as one word of a shell command, quoted if necessary.

    A path that starts with a dash starts with "./" instead, so that it is not taken for an option.
    """
    text = path_text(path)
    return quote(f"./{text}" if text.startswith("-") else text)

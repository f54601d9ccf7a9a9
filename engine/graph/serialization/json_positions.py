"""A tokenizer for JSON text that yields the path and the position of each key and value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_DEPTH = 32

JsonPath = tuple[str | int, ...]
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


@dataclass(slots=True)
class JsonToken:
    """A key or value in JSON text, with its path and its offset in the text."""

    path: JsonPath
    offset: int
    token: str
    is_key: bool = False


def iter_tokens(text: str) -> Iterator[JsonToken]:
    """Yield the keys and values of JSON text, without recursion; invalid text is tolerated."""
    # For each open bracket: the current index in the list, or the current key of the object, which
    # is None until the key is read.
    steps: list[str | int | None] = []
    for match in _TOKEN.finditer(text):
        token, step = match[0], steps[-1] if steps else 0
        if token in ("]", "}"):
            del steps[-1:]
        elif token == "," and steps:
            steps[-1] = step + 1 if isinstance(step, int) else None
        elif token in (",", ":"):
            continue
        elif step is None:
            steps[-1] = token_text(token)
            yield JsonToken(_path(steps), match.start(), token, is_key=True)
        else:
            yield JsonToken(_path(steps), match.start(), token)
            if token in ("[", "{"):
                steps.append(0 if token == "[" else None)


def _path(steps: list[str | int | None]) -> JsonPath:
    return tuple(step for step in steps[: MAX_DEPTH + 1] if step is not None)


def token_text(token: str) -> str:
    """Return the JSON value of a token as text, without quotes; an invalid token is unchanged."""
    try:
        return str(json.loads(token, strict=False))
    except (ValueError, RecursionError):
        return token


def value_offset(text: str, path: JsonPath) -> int:
    """Return the offset in `text` of the value at `path`, or of its nearest existing parent."""
    offset, depth = 0, -1
    for spot in iter_tokens(text):
        if spot.path == path and not spot.is_key:
            return spot.offset
        if len(spot.path) > depth and spot.path == path[: len(spot.path)]:
            offset, depth = spot.offset, len(spot.path)
    return offset


def line_column(text: str, offset: int) -> str:
    """Return an offset in a text as line and column, counted from 1: "line 3, column 14"."""
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return f"line {line}, column {column}"

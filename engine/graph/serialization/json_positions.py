"""A walk over JSON text that tells where each key and value stands, whatever the text holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_DEPTH = 32

Path = tuple[str | int, ...]
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


@dataclass(slots=True)
class Spot:
    """One key or value of a text, and where it stands."""

    path: Path
    offset: int
    token: str
    is_key: bool = False


def spots(text: str) -> Iterator[Spot]:
    """Walk over the keys and values of JSON text, without recursion; odd text does no harm."""
    steps: list[str | int | None] = []  # by open bracket: the index, the key, or None before it
    for match in _TOKEN.finditer(text):
        token, inside = match[0], steps[-1] if steps else 0
        if token in ("]", "}"):
            del steps[-1:]
        elif token == "," and steps:
            steps[-1] = inside + 1 if isinstance(inside, int) else None
        elif token in (",", ":"):
            continue
        elif inside is None:
            steps[-1] = plain(token)
            yield Spot(_path(steps), match.start(), token, is_key=True)
        else:
            yield Spot(_path(steps), match.start(), token)
            if token in ("[", "{"):
                steps.append(0 if token == "[" else None)


def _path(steps: list[str | int | None]) -> Path:
    return tuple(step for step in steps[: MAX_DEPTH + 1] if step is not None)


def plain(token: str) -> str:
    """Return the text that a token writes, or the token itself where it writes none."""
    try:
        return str(json.loads(token, strict=False))
    except (ValueError, RecursionError):
        return token


def offset_of(text: str, path: Path) -> int:
    """Return where the value at `path` stands, or the nearest thing around it."""
    best, depth = 0, -1
    for spot in spots(text):
        if spot.path == path and not spot.is_key:
            return spot.offset
        if len(spot.path) > depth and spot.path == path[: len(spot.path)]:
            best, depth = spot.offset, len(spot.path)
    return best


def line_column(text: str, offset: int) -> str:
    """Return a place of a text as people count: "line 3, column 14"."""
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return f"line {line}, column {column}"

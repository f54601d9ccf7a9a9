"""Finds the line at fault in JSON lines that can't be read, by Python's own reader."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.readers.text.byte_stream import blocks

DEPTH = 100  # brackets within brackets, far more than any list of a table has
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
Pairs = list[tuple[str, Any]]


class _Twice(ValueError):
    """A key that stands twice in one object."""


def refuse_faults(path: Path) -> None:
    """Read a whole file line by line, and do nothing else.

    Raises:
        Refused: naming the first line that is no flat object, or whose values differ in kind from
            those of the lines before.
    """
    kinds: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(lines(blocks(path)), 1):
        if not line.strip():
            continue
        for key, value in _pairs(path, number, line):
            if not key:
                raise Refused(broken(path, number, "has a key without a name", '""', "a name"))
            _refuse_kind(path, number, key, value, kinds)


def lines(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file, without their ends."""
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _pairs(path: Path, number: int, line: bytes) -> Pairs:
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        if deep(text):
            found = f"more than {DEPTH} brackets within each other"
            raise Refused(broken(path, number, "is nested too deeply", found, "a flat object"))
        value = json.loads(text, object_pairs_hook=_flat)
    except UnicodeDecodeError as error:
        byte = f"byte {line[error.start]:#04x}"
        raise Refused(broken(path, number, "is not UTF-8", byte, "text in UTF-8")) from error
    except _Twice as error:
        expected = "each key once"
        raise Refused(broken(path, number, "has a key twice", str(error), expected)) from error
    except ValueError as error:
        raise Refused(broken(path, number, "is no JSON", str(error)[:80], "one object")) from error
    if isinstance(value, _Flat):
        return value.pairs
    raise Refused(broken(path, number, "is no object", text.strip()[:40], 'such as {"a": 1}'))


class _Flat:
    """An object, told from a list."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs


def _flat(pairs: Pairs) -> _Flat:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise _Twice(repr(next(key for key in keys if keys.count(key) > 1)))
    return _Flat(pairs)


def deep(text: str) -> bool:
    """Return whether brackets stand too deep within brackets, those in texts left out."""
    depth = deepest = 0
    crowded = text.count("[") + text.count("{") > DEPTH
    for sign in _TEXT.sub("", text) if crowded else "":
        depth += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, depth)
    return deepest > DEPTH


def _refuse_kind(
    path: Path, number: int, key: str, value: Any, kinds: dict[str, tuple[str, int]]
) -> None:
    kind = kind_of(value)
    if "objects" in kind or "lists of lists" in kind:
        raise Refused(nested(path, key, kind, number))
    before, line = kinds.setdefault(key, (kind, number))
    if _general(before, kind) is None:
        found = f"{kind} in line {number}, {before} in line {line}"
        raise Refused(
            broken(path, number, f'holds another kind of value in "{key}"', found, before)
        )
    kinds[key] = (str(_general(before, kind)), line)


def kind_of(value: Any) -> str:
    """Return what a value is, in words."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes or no"
        case int() | float():
            return "numbers"
        case str():
            return "text"
        case list():
            found = {kind_of(item) for item in value} - {"nothing"}
            return f"lists of {' and '.join(sorted(found)) or 'nothing'}"
    return "objects"


def _general(one: str, other: str) -> str | None:
    """Return the kind that holds both, None if there is none."""
    if " and " in f"{one}{other}".replace("lists of", ""):
        return None
    if one == other or other == "nothing":
        return one
    if one == "nothing":
        return other
    if one.startswith("lists of ") and other.startswith("lists of "):
        inner = _general(one.removeprefix("lists of "), other.removeprefix("lists of "))
        return f"lists of {inner}" if inner else None
    return None


def nested(path: Path, key: str, kind: str, line: int) -> Diagnostic:
    """Return the finding for a value that is no cell of a table."""
    return Diagnostic(
        "array-dtype",
        f'"{key}" holds {kind}',
        place=f"column {key} in {path.name}, line {line}",
        found=kind,
        expected="numbers, text, yes or no, or lists of them",
        fixes=(Fix(f'Write each field of "{key}" as a key of its own.'),),
    )


def broken(path: Path, line: int, what: str, found: str, expected: str) -> Diagnostic:
    """Return the finding for a line that a strict reader can't take."""
    return Diagnostic(
        "json-broken",
        f'line {line} of "{path.name}" {what}',
        place=f"line {line}",
        found=found,
        expected=expected,
        fixes=(Fix(f"Correct line {line}: one object per line, flat, in UTF-8."),),
    )

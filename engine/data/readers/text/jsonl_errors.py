"""Finds the first invalid line of a JSON lines file with Python's json module."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.data.readers.text.byte_stream import BlockStream
from engine.data.readers.text.json_records import json_blocks, record_noun

MAX_JSON_DEPTH = 100  # the maximum depth of nested brackets; valid lists are not nested
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class _DuplicateKeyError(ValueError):
    """Raised for a key that occurs twice in one object."""


def check_json_lines(path: Path) -> None:
    """Validate all lines of a file without keeping its values.

    Raises:
        DiagnosticError: for the first line that is not a flat object, or that has a value of
            another type than the previous values of its key.
    """
    kinds: dict[str, tuple[str, int]] = {}  # by key: the type and its first line
    for number, line in enumerate(io.BufferedReader(BlockStream(json_blocks(path))), 1):
        if not line.strip():
            continue
        for key, value in _parse_line(path, number, line.removesuffix(b"\n")).items():
            if not key:
                raise json_line_error(path, number, "has an empty key", '""', "a name")
            _check_type(path, number, key, value, kinds)


def _parse_line(path: Path, number: int, line: bytes) -> dict[str, Any]:
    """Return the object in a line."""
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        if is_too_deep(text):
            found = f"more than {MAX_JSON_DEPTH} nested brackets"
            raise json_line_error(path, number, "is nested too deeply", found, "a flat object")
        value = json.loads(text, object_pairs_hook=_parse_object)
    except UnicodeDecodeError as error:
        byte = f"byte {line[error.start]:#04x}"
        raise json_line_error(path, number, "is not UTF-8", byte, "text in UTF-8") from error
    except _DuplicateKeyError as error:
        message = "has a duplicate key"
        raise json_line_error(path, number, message, str(error), "unique keys") from error
    except ValueError as error:
        message = "is not valid JSON"
        raise json_line_error(path, number, message, str(error)[:80], "one object") from error
    if isinstance(value, dict):
        return value
    raise json_line_error(path, number, "is not an object", text.strip()[:40], 'such as {"a": 1}')


def _parse_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise _DuplicateKeyError(repr(next(key for key in keys if keys.count(key) > 1)))
    return dict(pairs)


def is_too_deep(text: str) -> bool:
    """Return whether brackets outside strings are nested deeper than `MAX_JSON_DEPTH`."""
    depth = max_depth = 0
    may_exceed = text.count("[") + text.count("{") > MAX_JSON_DEPTH
    for char in _STRING.sub("", text) if may_exceed else "":
        depth += (char in "[{") - (char in "]}")
        max_depth = max(max_depth, depth)
    return max_depth > MAX_JSON_DEPTH


def _check_type(
    path: Path, number: int, key: str, value: Any, kinds: dict[str, tuple[str, int]]
) -> None:
    """Raise an error if a value's type conflicts with the previous values of its key.

    `number` is the line number. `kinds` holds (type, first line) by key, and is updated.
    """
    kind = json_type_name(value)
    if "objects" in kind or "lists of lists" in kind:
        raise diagnostic_error(
            "array-dtype",
            f'"{key}" holds {kind}',
            f'Write each field of "{key}" as a separate key.',
            place=f"column {key} in {path.name}, {record_noun(path)} {number}",
            found=kind,
            expected="numbers, text, booleans, or lists of them",
        )
    known, line = kinds.setdefault(key, (kind, number))
    common = _common_type(known, kind)
    if common is None:
        noun = record_noun(path)
        found = f"{kind} in {noun} {number}, {known} in {noun} {line}"
        raise json_line_error(path, number, f'has another type of value in "{key}"', found, known)
    kinds[key] = (common, line)


def json_type_name(value: Any) -> str:
    """Return the type of a value in words, such as "numbers" or "lists of text"."""
    match value:
        case None:
            return "null"
        case bool():
            return "booleans"
        case int() | float():
            return "numbers"
        case str():
            return "text"
        case list():
            found = {json_type_name(item) for item in value} - {"null"}
            return f"lists of {' and '.join(sorted(found)) or 'null'}"
    return "objects"


def _common_type(one: str, other: str) -> str | None:
    """Return a type such as "lists of text" that includes both types, or None if there is none."""
    if " and " in f"{one}{other}":  # a list with items of several types
        return None
    if one == other or other == "null":
        return one
    if one == "null":
        return other
    if one.startswith("lists of ") and other.startswith("lists of "):
        inner = _common_type(one.removeprefix("lists of "), other.removeprefix("lists of "))
        return f"lists of {inner}" if inner else None
    return None


def json_line_error(
    path: Path, line: int, message: str, found: str, expected: str
) -> DiagnosticError:
    """Return the error for an invalid line; `message` is the predicate, such as "is not UTF-8"."""
    noun = record_noun(path)
    return diagnostic_error(
        "json-broken",
        f'{noun} {line} of "{path.name}" {message}',
        f"Correct {noun} {line}: one flat object per {noun}, in UTF-8.",
        place=f"{noun} {line}",
        found=found,
        expected=expected,
    )

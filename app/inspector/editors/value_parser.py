"""How values are typed and shown: "3 x 5" for a pair, "free, 64" for a shape."""

from __future__ import annotations

import json
import re
from typing import Any

from app.controls.inputs.number_list import read, write
from app.inspector.fields.schema_fields import FREE, Field

_FREE = frozenset({"free", "?", "none", "null", "any", "*", "-"})
_NONE = frozenset({"", "none", "null"})
_NO_AXES = frozenset({"()", "[]", "scalar", "one number"})
_BETWEEN = re.compile(r"\s*[,;x×*]\s*|\s+", re.IGNORECASE)
_APART = re.compile(r"\s*;\s*|,?\s+")  # where a comma may be a decimal sign


class Unreadable(ValueError):
    """What was typed is no value of the field; the text says what would be."""


def same(one: object, other: object) -> bool:
    """Return whether two plain values give the same file; 1, 1.0 and true do not."""
    return one is other or json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def shown_numbers(value: Any) -> str:
    """Return the text of a number, a list of them, or null."""
    if value is None:
        return ""
    if not isinstance(value, list):
        return shown(value)
    if not value:
        return "()"
    if not all(item is None or type(item) in (int, float) for item in value):
        return shown(value)
    return ", ".join(FREE if item is None else write(item) for item in value)


def shown(value: Any) -> str:
    """Return any plain value as a person would type it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def read_numbers(field: Field, text: str) -> Any:
    """Return the value that a text of numbers means.

    Raises:
        Unreadable: it means none.
    """
    text = text.strip()
    if field.optional and text.lower() in _NONE:
        return None
    if field.many and text.lower() in _NO_AXES:
        return []
    listed = text[:1] in ("[", "(") or text.endswith(",")
    between = _BETWEEN if field.whole or "." in text else _APART
    parts = [part for part in between.split(text.strip("[](),")) if part]
    values = [_number(field, part) for part in parts]
    if not values:
        raise Unreadable(f"Write {how(field)}.")
    alone = len(values) == 1 and not listed
    if field.single and (alone or not field.many):
        return values[0]
    return values


def _number(field: Field, text: str) -> float | None:
    if field.free and text.lower() in _FREE:
        return None
    try:
        return int(text.replace("_", "")) if field.whole else read(text, whole=False)
    except ValueError:
        noun = "whole number" if field.whole else "number"
        raise Unreadable(f'"{text}" is no {noun}. Write {how(field)}.') from None


def how(field: Field) -> str:
    """Return how a field of numbers is typed."""
    if field.free:
        return f'sizes such as 28, 28, 1, with "{FREE}" for a length that may differ'
    if not field.whole:
        return f"{'one number such as 0.1, or ' if field.single else ''}two: -0.1, 0.2"
    if field.single and field.many:
        return "one whole number such as 3, or several: 3, 5"
    return "whole numbers such as 6, -1"


def read_json(text: str) -> Any:
    """Return the value that a JSON text means.

    Raises:
        Unreadable: it is no JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable('This is no JSON, such as [1, 2] or {"a": 1}.') from None

"""Converts values to text and back, such as "3, 5" for a pair or "None, 64" for a shape."""

from __future__ import annotations

import json
import re
from typing import Any

from app.controls.inputs.number_text import format_number, parse_number
from app.inspector.fields.schema_fields import DYNAMIC_AXIS_TEXT, FormField

_DYNAMIC_TEXTS = frozenset({"free", "?", "none", "null", "any", "*", "-"})
_NULL_TEXTS = frozenset({"", "none", "null"})
_SCALAR_TEXTS = frozenset({"()", "[]", "scalar", "one number"})
_SEPARATOR = re.compile(r"\s*[,;x×*]\s*|\s+", re.IGNORECASE)
_SEPARATOR_BUT_COMMA = re.compile(r"\s*;\s*|,?\s+")  # if a comma may be a decimal separator


class ValueParseError(ValueError):
    """Raised if typed text is not a value of the field. The message says what is accepted."""


def is_same_json(first: object, second: object) -> bool:
    """Return whether two plain values have the same JSON text: 1, 1.0 and true are different."""
    return first is second or json.dumps(first, sort_keys=True) == json.dumps(
        second, sort_keys=True
    )


def format_numbers(value: Any) -> str:
    """Return a number, a list of numbers, or null as text."""
    if value is None:
        return ""
    if not isinstance(value, list):
        return format_plain_value(value)
    if not value:
        return "()"
    if not all(item is None or type(item) in (int, float) for item in value):
        return format_plain_value(value)
    if value == [None]:
        return f"{DYNAMIC_AXIS_TEXT},"  # the text without the comma could also mean null
    return ", ".join(DYNAMIC_AXIS_TEXT if item is None else format_number(item) for item in value)


def format_plain_value(value: Any) -> str:
    """Return a plain value as text: strings unchanged, other values as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def parse_numbers(field: FormField, text: str) -> Any:
    """Return the number, the list of numbers, or None (null) that a text represents.

    Raises:
        ValueParseError: the text is not a value of the field.
    """
    text = text.strip()
    if field.optional and text.lower() in _NULL_TEXTS:
        return None
    if field.accepts_list and text.lower() in _SCALAR_TEXTS:
        return []
    is_list = text[:1] in ("[", "(") or text.endswith(",")
    separator = _SEPARATOR if field.is_integer or "." in text else _SEPARATOR_BUT_COMMA
    parts = [part for part in separator.split(text.strip("[](),")) if part]
    values = [_parse_number(field, part) for part in parts]
    if not values:
        raise ValueParseError(f"Write {number_format_hint(field)}.")
    is_scalar = len(values) == 1 and not is_list
    if field.accepts_scalar and (is_scalar or not field.accepts_list):
        return values[0]
    return values


def _parse_number(field: FormField, text: str) -> float | None:
    if field.accepts_dynamic and text.lower() in _DYNAMIC_TEXTS:
        return None
    try:
        return int(text.replace("_", "")) if field.is_integer else parse_number(text, integer=False)
    except ValueError:
        noun = "an integer" if field.is_integer else "a number"
        hint = number_format_hint(field)
        raise ValueParseError(f'"{text}" is not {noun}. Write {hint}.') from None


def number_format_hint(field: FormField) -> str:
    """Return a description of the texts that a field of numbers accepts, with examples."""
    if field.accepts_dynamic:
        return f'sizes such as 28, 28, 1, with "{DYNAMIC_AXIS_TEXT}" for a dynamic axis'
    if not field.is_integer:
        return f"{'one number such as 0.1, or ' if field.accepts_scalar else ''}two: -0.1, 0.2"
    if field.accepts_scalar and field.accepts_list:
        return "one integer such as 3, or several: 3, 5"
    return "integers such as 6, -1"


def parse_json(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueParseError: the text is not JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueParseError('Not valid JSON. Write for example [1, 2] or {"a": 1}.') from None

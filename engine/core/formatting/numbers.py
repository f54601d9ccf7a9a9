"""Formats of scores, data values and JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

_INTEGER_LIMIT = 1e9  # integers of this size and above are shortened like other numbers


def format_score(number: float) -> str:
    """Return a score with about four significant digits, or in scientific notation."""
    if not isfinite(number):
        return str(number)
    size = abs(number)
    if number and not 0.001 <= size < 10_000_000:
        return f"{number:.2e}"
    return f"{number:.4f}" if size < 10 else f"{number:,.2f}" if size < 1000 else f"{number:,.0f}"


def score_or_dash(number: float | None) -> str:
    """Return a score as text, a dash if it is missing or not finite."""
    return "\N{EN DASH}" if number is None or not isfinite(number) else format_score(number)


def format_value(number: float, grouped: bool = True) -> str:
    """Return a data value as text: whole numbers in full, others with about four digits.

    Args:
        grouped: True to separate thousands; False for values that may be ids.
    """
    if isfinite(number) and number % 1 == 0 and abs(number) < _INTEGER_LIMIT:
        text = f"{number + 0:,.0f}"  # + 0 turns -0.0 into 0.0
    else:
        text = f"{number:.4g}" if 0.001 <= abs(number) < 1000 else format_score(number)
    return text if grouped else text.replace(",", "")


def format_json_value(value: Any) -> str:
    """Return a JSON value as text: "none" for null, "yes" for true, "1, 2" for [1, 2].

    A mapping becomes its keys and values: "patience 5" for {"patience": 5}.
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {format_json_value(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(format_json_value, value)) or "none"
    return str(value)

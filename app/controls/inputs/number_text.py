"""Parsing, formatting and stepping of numbers for input fields, without widgets."""

from __future__ import annotations

import math
import re
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][+-]?\d+)?")
_NUMBER_HINT = "Enter a number, such as 0.5, 0,5 or 1e-3."
_DECADE_STEPS = (Decimal(1), Decimal(2), Decimal(5))
_MIN_STEP = Decimal("0.001")
_UNIT_STEPS = 20


def parse_number(text: str, integer: bool) -> int | float:
    """Parse a number. 0.001, 0,001 (decimal comma), 1e-3 and 1_000 are all valid.

    If `integer` is true, a number with decimals is invalid.

    Raises:
        ValueError: if the text is invalid; the message says how to write a number.
    """
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if integer and re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", text):
        raise ValueError(f"Enter thousands without a comma: {text.replace(',', '')}.")
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text) or "__" in text:
        raise ValueError("Enter an integer, such as 64." if integer else _NUMBER_HINT)
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("This number is too large.")
    if not integer:
        return number
    if not number.is_integer():
        raise ValueError("Enter an integer, such as 64.")
    return int(text.replace("_", "")) if re.fullmatch(r"[+-]?[\d_]+", text) else int(number)


def format_number(number: float | None) -> str:
    """Return the shortest text that parses to the same number, "" for None."""
    if number is None:
        return ""
    if isinstance(number, int):
        return str(number)
    text = repr(number).removesuffix(".0")
    return re.sub(r"e([+-])0*(\d)", lambda match: f"e{match[1].strip('+')}{match[2]}", text)


def range_error(number: float, minimum: float | None, maximum: float | None) -> str:
    """Return an error message if a number is out of bounds, else ""."""
    if (minimum is None or number >= minimum) and (maximum is None or number <= maximum):
        return ""
    if minimum is None:
        return f"This must be at most {format_number(maximum)}."
    if maximum is None:
        return f"This must be at least {format_number(minimum)}."
    return f"This must be between {format_number(minimum)} and {format_number(maximum)}."


def next_number(
    number: float, up: bool, large: bool, minimum: float | None, maximum: float | None
) -> int | float:
    """Return the number one step up or down, within the bounds.

    Integers change by 1. Numbers in a range of at most 1 change by a twentieth of the range. Other
    numbers below 1, such as learning rates, step through the series 0.1, 0.2, 0.5, 1; numbers from
    1 on change by half a unit of their first digit, such as 10, 15, 20.
    If `large`, the change is ten times as big.
    """
    if isinstance(number, int):
        return _clip(number + (1 if up else -1) * (10 if large else 1), minimum, maximum)
    value = Decimal(repr(number))
    if minimum is not None and maximum is not None and maximum - minimum <= 1:
        step = Decimal(repr(float(maximum - minimum))) / _UNIT_STEPS * (10 if large else 1)
        result = value + step if up else value - step
    elif value < 0 or (value == 0 and not up):
        result = -_next_magnitude(-value, not up, large)
    else:
        result = _next_magnitude(value, up, large)
    return _clip(float(result), minimum, maximum)


def _clip(number: float, minimum: float | None, maximum: float | None) -> float:
    kind = type(number)
    if minimum is not None and number < minimum:
        return kind(minimum)
    return kind(maximum) if maximum is not None and number > maximum else number


def _next_magnitude(value: Decimal, up: bool, large: bool) -> Decimal:
    """Return `value` plus one step if `up`, else minus one step. `value` and result are >= 0.

    Below 1, a step goes to the next number of the series …, 0.1, 0.2, 0.5, 1; a large step
    multiplies or divides by 10. From 1 on, a step is 0.5 for numbers below 10, 5 for numbers below
    100 and so on; a large step is ten times as big.
    """
    if value == 0:
        return _MIN_STEP * (10 if large else 1)
    if value < 1 or (value == 1 and not up):
        return _next_in_decades(value, up) if not large else value * 10 if up else value / 10
    digit = value.adjusted()
    if not up and value == Decimal(1).scaleb(digit):
        digit -= 1
    step = Decimal(5).scaleb(digit - 1) * (10 if large else 1)
    result = value + step if up else value - step
    return max(result, Decimal(0))


def _next_in_decades(value: Decimal, up: bool) -> Decimal:
    power = value.adjusted()
    candidates = [step.scaleb(power + offset) for offset in (-1, 0, 1) for step in _DECADE_STEPS]
    if up:
        return min(candidate for candidate in candidates if candidate > value)
    return max(candidate for candidate in candidates if candidate < value)

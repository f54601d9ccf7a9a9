"""Numbers as people type them, how they are shown, and which one comes next. No widgets here."""

from __future__ import annotations

import math
import re
from decimal import Decimal

_WRITTEN = re.compile(r"[+-]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][+-]?\d+)?")
_LADDER = (Decimal(1), Decimal(2), Decimal(5))
_FIRST = Decimal("0.001")
_PARTS = 20


def read(text: str, whole: bool) -> int | float:
    """Return the number that a text means: 0.001, 0,001, 1e-3 and 1_000 are all understood.

    Raises:
        ValueError: with a sentence that tells how to write it instead.
    """
    written = text.strip().replace("\N{MINUS SIGN}", "-")
    if whole and re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", written):
        raise ValueError(f"Write thousands without a comma: {written.replace(',', '')}.")
    if written.count(",") == 1 and "." not in written:
        written = written.replace(",", ".")
    if not _WRITTEN.fullmatch(written) or "__" in written:
        raise ValueError("Write a whole number, such as 64." if whole else _HOW)
    number = float(written)
    if not math.isfinite(number):
        raise ValueError("This number is too large.")
    if not whole:
        return number
    if not number.is_integer():
        raise ValueError("Write a whole number, such as 64.")
    return int(written.replace("_", "")) if _plain(written) else int(number)


_HOW = "Write a number, such as 0.5, 0,5 or 1e-3."


def _plain(written: str) -> bool:
    return re.fullmatch(r"[+-]?[\d_]+", written) is not None


def write(number: float | None) -> str:
    """Return a number as it is shown: as short as it can be without losing a digit."""
    if number is None:
        return ""
    if isinstance(number, int):
        return str(number)
    text = repr(number).removesuffix(".0")
    return re.sub(r"e([+-])0*(\d)", lambda found: f"e{found[1].strip('+')}{found[2]}", text)


def outside(number: float, minimum: float | None, maximum: float | None) -> str:
    """Return what is wrong if a number is out of its bounds, "" if it is within."""
    if (minimum is None or number >= minimum) and (maximum is None or number <= maximum):
        return ""
    if minimum is None:
        return f"This must be at most {write(maximum)}."
    if maximum is None:
        return f"This must be at least {write(minimum)}."
    return f"This must be between {write(minimum)} and {write(maximum)}."


def stepped(
    number: float, up: bool, far: bool, minimum: float | None, maximum: float | None
) -> int | float:
    """Return the next number up or down, `far` for a step that is ten times as large.

    Whole numbers go by one. A share between two bounds goes by a twentieth. Other numbers go by
    1, 2, 5 below one, as learning rates do (`far`: ten times), and by halves of a digit above.
    """
    if isinstance(number, int):
        return _held(number + (1 if up else -1) * (10 if far else 1), minimum, maximum)
    exact = Decimal(repr(number))
    if minimum is not None and maximum is not None and maximum - minimum <= 1:
        part = Decimal(repr(float(maximum - minimum))) / _PARTS * (10 if far else 1)
        after = exact + part if up else exact - part
    elif exact < 0 or (exact == 0 and not up):
        after = -_grown(-exact, not up, far)
    else:
        after = _grown(exact, up, far)
    return _held(float(after), minimum, maximum)


def _held(number: float, minimum: float | None, maximum: float | None) -> float:
    kind = type(number)
    if minimum is not None and number < minimum:
        return kind(minimum)
    return kind(maximum) if maximum is not None and number > maximum else number


def _grown(exact: Decimal, up: bool, far: bool) -> Decimal:
    """Return the next size of a number that is not negative, up or down."""
    if exact == 0:
        return _FIRST * (10 if far else 1)
    if exact < 1 or (exact == 1 and not up):
        return _next_rung(exact, up) if not far else exact * 10 if up else exact / 10
    digit = exact.adjusted() if up or exact != Decimal(1).scaleb(exact.adjusted()) else (
        exact.adjusted() - 1
    )  # fmt: skip
    step = Decimal(5).scaleb(digit - 1) * (10 if far else 1)
    after = exact + step if up else exact - step
    return max(after, Decimal(0))


def _next_rung(exact: Decimal, up: bool) -> Decimal:
    power = exact.adjusted()
    rungs = [rung.scaleb(power + shift) for shift in (-1, 0, 1) for rung in _LADDER]
    if up:
        return min(rung for rung in rungs if rung > exact)
    return max(rung for rung in rungs if rung < exact)

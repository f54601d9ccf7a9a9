"""Formatting of byte counts and numbers for messages and tables."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_INTEGER_LIMIT = 1e9  # integers of this size and above are shortened like other numbers


def format_bytes(count: int) -> str:
    """Return a number of bytes with a binary unit: "51.5 MiB".

    Why: KiB always means 1,024 bytes; KB is ambiguous.
    """
    size, unit = float(count), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:,.1f} {_UNITS[unit]}" if unit else f"{count} B"


def format_number(number: float) -> str:
    """Return a number with four significant digits; an integer, such as an id, with all digits."""
    is_integer = number % 1 == 0 and abs(number) < _INTEGER_LIMIT
    return f"{number + 0:.0f}" if is_integer else f"{number:.4g}"  # + 0 turns -0.0 into 0.0

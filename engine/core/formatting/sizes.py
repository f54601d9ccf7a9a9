"""How amounts are said: memory in one unit for files, tables and networks, numbers in short."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_WHOLE = 1e9  # from which on a whole number is shortened like any other


def in_bytes(count: int) -> str:
    """Return a number of bytes in the unit that people read it in: "51.5 MiB".

    Why: memory comes in powers of two, and KiB says so; KB is read as 1,000 bytes by some.
    """
    size, unit = float(count), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:,.1f} {_UNITS[unit]}" if unit else f"{count} B"


def brief(number: float) -> str:
    """Return a number with four figures; a whole one, such as a word's id, with all it has."""
    whole = number % 1 == 0 and abs(number) < _WHOLE
    return f"{number + 0:.0f}" if whole else f"{number:.4g}"  # + 0, since -0 is no other zero

"""How amounts of memory are said, in one unit for files, tables and networks."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def in_bytes(count: int) -> str:
    """Answer a number of bytes in the unit that people read it in: "51.5 MiB".

    Why: memory comes in powers of two, and KiB says so; KB is read as 1,000 bytes by some.
    """
    size, unit = float(count), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:,.1f} {_UNITS[unit]}" if unit else f"{count} B"

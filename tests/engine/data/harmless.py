"""What a process hears of itself while it opens a table, and does not come from the table."""

from __future__ import annotations

from typing import Any

from engine.data.readers.binary import probe


def is_harmless(event: str, arguments: tuple[Any, ...]) -> bool:
    """Return whether numpy parses a literal, which runs nothing, or a table is probed."""
    if event == "compile":
        return bool(arguments[1] == "<unknown>")
    return event == "subprocess.Popen" and arguments[1][1:3] == ["-m", probe.__name__]

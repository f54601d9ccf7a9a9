"""Format of durations."""

from __future__ import annotations


def format_duration(
    seconds: float, with_unit: bool = False, space: str = "\N{NO-BREAK SPACE}"
) -> str:
    """Return a duration as text: "8.2 s", "3:05", "1:02:03", or "?" if it is invalid.

    Args:
        with_unit: True to write "3:05 min" and "1:02:03 h".
        space: the space before a unit.
    """
    if not 0 <= seconds < 1e9:
        return "?"
    if seconds < 59.95:
        return f"{seconds:.1f}{space}s"
    minutes, seconds_left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    unit = f"{space}{'h' if hours else 'min'}" if with_unit else ""
    return f"{text}:{seconds_left:02}{unit}"

"""Helpers for HTML: escaping, formatting, tables, cards and sections."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from html import escape
from math import isfinite
from typing import Any

# Characters that XML and HTML do not allow, even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def safe(value: object) -> str:
    """Return a value as escaped text."""
    return escape(_FORBIDDEN.sub("\ufffd", str(value)))


def figure(value: float | None) -> str:
    """Return a number in four or five digits, a dash for none."""
    if value is None or not isfinite(value):
        return "–"
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    size = abs(value)
    if size < 1e-3 or size >= 1e6:
        return f"{value:.3g}"
    return f"{value:,.4f}" if size < 10 else f"{value:,.2f}"


def clock(seconds: float) -> str:
    """Return a span of time: "8.2 s", "3:05 min", "1:02:03 h"."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} h" if hours else f"{minutes}:{rest:02} min"


def shown(value: Any) -> str:
    """Return a JSON value as text: "yes", "none", "1, 2"."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(shown, value)) or "none"
    return str(value)


def table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Collection[int] = (),
) -> str:
    """Return a table; the first cell of a row is its header.

    Args:
        caption: of the table, "" for none.
        head: titles of the columns, () for none.
        rows: unescaped texts.
        numbers: indices of right-aligned columns.
    """

    def css_class(index: int) -> str:
        return ' class="n"' if index in numbers else ' class="words"'

    titles = "".join(
        f'<th scope="col"{css_class(index)}>{safe(title)}</th>' for index, title in enumerate(head)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{css_class(index)}>{safe(cell)}</td>"
            if index
            else f'<th scope="row">{safe(cell)}</th>'
            for index, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    header = f"<thead><tr>{titles}</tr></thead>" if head else ""
    title = f"<caption>{safe(caption)}</caption>" if caption else ""
    return f'<div class="scroll"><table>{title}{header}<tbody>{body}</tbody></table></div>'


def card(title: str, *parts: str, wide: bool = False, whole: bool = False) -> str:
    """Return a card with a title, one column wide, two, or all."""
    css_class = "card whole" if whole else "card wide" if wide else "card"
    head = f"<h3>{safe(title)}</h3>" if title else ""
    return f'<section class="{css_class}">{head}{"".join(parts)}</section>'


def section(title: str, *parts: str) -> str:
    """Return a section of the page, "" if it has no content."""
    body = "".join(parts)
    return f"<h2>{safe(title)}</h2>{body}" if body else ""

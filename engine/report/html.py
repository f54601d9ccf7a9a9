"""Pieces of HTML: text that is safe, numbers as people read them, tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from html import escape
from math import isfinite
from typing import Any

# What XML and HTML can't hold even when escaped.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def safe(value: object) -> str:
    """Return a value as text that HTML takes for nothing but text."""
    return escape(_UNFIT.sub("\ufffd", str(value)))


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
    """Return a plain value as a person would write it."""
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
    """Return a table; the first cell of a row is its name.

    Args:
        caption: what it shows.
        head: titles of the columns, () for none.
        rows: texts, not yet made safe.
        numbers: the columns that are aligned to the right.
    """

    def kind(at: int) -> str:
        return ' class="n"' if at in numbers else ' class="words"'

    titles = "".join(f'<th scope="col"{kind(at)}>{safe(title)}</th>' for at, title in
                     enumerate(head))  # fmt: skip
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{safe(cell)}</th>' if at == 0 else f"<td{kind(at)}>{safe(cell)}</td>"
            for at, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    top = f"<thead><tr>{titles}</tr></thead>" if head else ""
    said = f"<caption>{safe(caption)}</caption>" if caption else ""
    return f'<div class="scroll"><table>{said}{top}<tbody>{body}</tbody></table></div>'


def card(title: str, *parts: str, wide: bool = False, whole: bool = False) -> str:
    """Return a card with a title, one column wide, two, or all."""
    kind = "card whole" if whole else "card wide" if wide else "card"
    head = f"<h3>{safe(title)}</h3>" if title else ""
    return f'<section class="{kind}">{head}{"".join(parts)}</section>'


def section(title: str, *parts: str) -> str:
    """Return a part of the page, nothing if it has no parts."""
    body = "".join(parts)
    return f"<h2>{safe(title)}</h2>{body}" if body else ""

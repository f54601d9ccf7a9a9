"""Helpers for HTML: tables, cards and sections."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from engine.diagram.svg_text import escape_text


def html_table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    number_columns: Collection[int] = (),
) -> str:
    """Return an HTML table. Texts are escaped; the first cell of each row is a header.

    `number_columns` are the indices of right-aligned columns.
    """

    def css_class(index: int) -> str:
        return ' class="n"' if index in number_columns else ' class="words"'

    titles = "".join(
        f'<th scope="col"{css_class(index)}>{escape_text(title)}</th>'
        for index, title in enumerate(head)
    )
    body = ""
    for row in rows:
        cells = [f"<td{css_class(i)}>{escape_text(cell)}</td>" for i, cell in enumerate(row)]
        cells[0] = f'<th scope="row">{escape_text(row[0])}</th>'
        body += f"<tr>{''.join(cells)}</tr>"
    header = f"<thead><tr>{titles}</tr></thead>" if head else ""
    title = f"<caption>{escape_text(caption)}</caption>" if caption else ""
    return f'<div class="scroll"><table>{title}{header}<tbody>{body}</tbody></table></div>'


def html_card(title: str, *parts: str, wide: bool = False, full_width: bool = False) -> str:
    """Return an HTML card with a title; it spans one column, two (`wide`) or all (`full_width`)."""
    css_class = "card whole" if full_width else "card wide" if wide else "card"
    head = f"<h3>{escape_text(title)}</h3>" if title else ""
    return f'<section class="{css_class}">{head}{"".join(parts)}</section>'


def html_section(title: str, *parts: str) -> str:
    """Return an HTML section with a title, "" if it has no content."""
    body = "".join(parts)
    return f"<h2>{escape_text(title)}</h2>{body}" if body else ""

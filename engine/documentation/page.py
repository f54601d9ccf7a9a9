"""A page of the documentation, and helpers for its Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.core.field_text import FieldText

# The headings of the index, in its order.
KINDS: Mapping[str, str] = {
    "Guide": "How-to guides",
    "Manual": "Manual",
    "Layer": "Layers",
    "Setting": "Settings in files",
    "Diagnostic code": "Diagnostic codes",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the documentation.

    Args:
        slug: the name of the page in links; in HTML, of its file.
        title: the heading, without Markdown.
        kind: one of `KINDS`.
        text: the Markdown below the heading. The target of a link is a slug or a URL.
    """

    slug: str
    title: str
    kind: str
    text: str

    @property
    def markdown(self) -> str:
        """The page with its heading."""
        return f"# {plain(self.title)}\n\n{self.text}\n"


def slug(*parts: str) -> str:
    """Return a slug of lowercase letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", " ".join(parts).lower()).strip("-")


def plain(text: str) -> str:
    """Return a text in which no character has a meaning in Markdown or HTML."""
    return re.sub(r"([\\`*_{}\[\]<>#|&~])", r"\\\1", text)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; the cells are Markdown. Qt would merge empty cells, so none is."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell or '–' for cell in cells)} |" for cells in lines)


def field_table(fields: Mapping[str, FieldText]) -> str:
    """Return a section with the fields of a schema, "" if it has none."""
    rows = [
        (
            f"**{plain(name)}**",
            plain(text.default),
            plain(f"{text.description} Accepts {text.accepts}."),
        )
        for name, text in fields.items()
    ]
    return f"## Fields\n\n{table(('Field', 'Default', 'Meaning'), rows)}" if rows else ""

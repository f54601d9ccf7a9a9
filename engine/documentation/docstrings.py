"""The sections of docstrings."""

from __future__ import annotations

import inspect
import re

_HEADINGS = ("Shapes", "Units", "Args", "Raises", "Source", "Why")
_HEADING_PATTERN = re.compile(rf"^({'|'.join(_HEADINGS)}):\s*", re.MULTILINE)


def docstring_sections(cls: type) -> list[tuple[str, str]]:
    """Return (heading, text) of each section of a class docstring; the first heading is ""."""
    text = (inspect.getdoc(cls) or "").strip()
    headings = list(_HEADING_PATTERN.finditer(text))
    starts = [*(match.start() for match in headings), len(text)]
    parts = [("", _unwrapped(text[: starts[0]]))]
    sections = zip(headings, starts[1:], strict=True)
    parts += [(match[1], _unwrapped(text[match.end() : end])) for match, end in sections]
    return [(heading, part) for heading, part in parts if part]


def _unwrapped(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text.strip())

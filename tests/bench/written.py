"""The figures of a benchmark, put into the README beside it; what people wrote there stays."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"
_SECTION = re.compile(r"^(?=### )", re.MULTILINE)


def write(tables: list[str], facts: str, path: Path = README) -> None:
    """Put tables between the two marks; one that is not measured anew stays as it was.

    Args:
        tables: each with a heading, of which the model and its rows tell tables apart.
        facts: about the machine that they were measured on, below each.
        path: the file.
    """
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    held, _, after = rest.partition(_END)
    standing = {_title(table): table.strip() for table in _SECTION.split(held)[1:]}
    standing |= {_title(table): f"{table.strip()}\n\n{facts.strip()}" for table in tables}
    figures = "\n\n".join([_BEGIN, *standing.values(), _END])
    path.write_text(before + figures + after, encoding="utf-8")


def _title(table: str) -> str:
    """Return what of a heading stays from one time to the next: "### posts, 1,000"."""
    return table.split("\n", 1)[0].partition(" rows,")[0]

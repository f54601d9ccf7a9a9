"""Writes the tables of benchmarks to README.md and keeps the rest of the file."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"
_SECTION = re.compile(r"^(?=### )", re.MULTILINE)


def write(tables: list[str], facts: str, path: Path = README) -> None:
    """Write tables between the two marks; tables that were not measured are kept.

    Args:
        tables: each with a heading; model and number of rows identify a table.
        facts: description of the machine, written below each table.
        path: the README file.
    """
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    held, _, after = rest.partition(_END)
    standing = {_title(table): table.strip() for table in _SECTION.split(held)[1:]}
    standing |= {_title(table): f"{table.strip()}\n\n{facts.strip()}" for table in tables}
    figures = "\n\n".join([_BEGIN, *standing.values(), _END])
    path.write_text(before + figures + after, encoding="utf-8")


def _title(table: str) -> str:
    """Return the part of a heading that identifies its table: "### posts, 1,000"."""
    return table.split("\n", 1)[0].partition(" rows,")[0]

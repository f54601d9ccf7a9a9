"""Rows that somebody types, or a program sends: objects of JSON as a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.tables import Table, open_table

NAME = "rows.jsonl"
_LINE = re.compile(
    rf'(?:{re.escape(NAME)}, )?\bline (\d+)(?!\d| column)(?: of "{re.escape(NAME)}")?'
)  # a place in JSON, "line 1 column 2", stays one
_HOW = Fix('Write each row as one flat object of JSON, such as {"age": 3}.')


def typed_table(rows: Sequence[str], folder: Path | None = None) -> Table:
    """Read rows as lines of JSON are read: a key that a row lacks, or null, is a missing cell.

    Args:
        rows: such as '{"island": "Biscoe", "flipper_length_mm": 210}', at least one.
        folder: where the pictures lie that cells name; the present one if left out.

    Raises:
        Refused: naming the row, for whatever a file of JSON lines is refused for.
    """
    # A line's end within a row is a space to JSON, and would be the end of the row in a file.
    lines = (row.replace("\r", " ").replace("\n", " ") + "\n" for row in rows)
    with TemporaryDirectory() as place:
        file = Path(place) / NAME
        file.write_bytes("".join(lines).encode(errors="surrogateescape"))
        try:
            table = open_table(file)
        except Refused as refused:
            raise Refused(*(_of_rows(found, len(rows)) for found in refused.diagnostics)) from None
    return replace(table, path=(folder or Path()) / NAME)


def _of_rows(found: Diagnostic, count: int) -> Diagnostic:
    """Answer a finding without the file, which nobody has written: it is said of a row."""

    def said(text: str) -> str:
        return _LINE.sub(lambda line: _row(int(line[1]) - 1, count), text)

    if found.code == "data-not-found":
        found = replace(found, expected="a value for a column", fixes=(_HOW,))
        return replace(found, message="no row names a column", place=None, found="no key")
    return replace(
        found,
        message=said(found.message),
        place=said(found.place or "") or None,
        found=said(found.found),
        fixes=(_HOW,) if found.code == "json-broken" else found.fixes,
    )


def _row(place: int, count: int) -> str:
    return "the row" if count == 1 else f"row {place} (counting from 0)"

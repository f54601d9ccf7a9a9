"""Rows that somebody types, or a program sends: objects of JSON as a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.readers.table import Table, open_table

NAME = "rows.jsonl"
_AHEAD = re.compile(rf'^()line (\d+) of "{re.escape(NAME)}"')  # of a message
_BEHIND = re.compile(rf"(^| in )(?:{re.escape(NAME)}, )?line (\d+)$")  # of a place
_WITHIN = re.compile(r"( in )line (\d+)(?=,|$)")  # of what kinds of values were found
_FLAT = Fix('Write each row as one flat object of JSON, such as {"age": 3}.')
_ALIKE = Fix("Write values of one kind under a key: numbers, texts, or lists of one of them.")


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
    """Return a finding without the file, which nobody has written: it is said of a row."""

    def row(line: re.Match[str]) -> str:
        told = "the row" if count == 1 else f"row {int(line[2]) - 1} (counting from 0)"
        return f"{line[1]}{told}"

    if found.code == "data-not-found":
        told = replace(found, message="no row names a column", place=None, found="no key")
        return replace(told, expected="a value for a column", fixes=(_FLAT,))
    mixed = "holds another kind of value" in found.message
    return replace(
        found,
        message=_AHEAD.sub(row, found.message),
        place=_BEHIND.sub(row, found.place or ""),
        found=_WITHIN.sub(row, found.found) if mixed else found.found,
        fixes=found.fixes if found.code != "json-broken" else (_ALIKE if mixed else _FLAT,),
    )

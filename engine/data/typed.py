"""Rows that somebody types, or a program sends: objects of JSON as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.data.tables import Table, open_table

NAME = "rows.jsonl"


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
        table = open_table(file)
    return replace(table, path=(folder or Path()) / NAME)

"""Tables from JSON records that a user types or a program sends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.readers.table_file import open_table
from engine.data.table.table import Table

RECORDS_FILE_NAME = "rows.jsonl"
# These match line numbers in diagnostics about JSON lines: in `message`, `place` and `found`.
_IN_MESSAGE = re.compile(rf'^()line (\d+) of "{re.escape(RECORDS_FILE_NAME)}"')
_IN_PLACE = re.compile(rf"(^| in )(?:{re.escape(RECORDS_FILE_NAME)}, )?line (\d+)$")
_IN_FOUND = re.compile(r"( in )line (\d+)(?=,|$)")
_FLAT = Fix('Write each row as one flat JSON object, such as {"age": 3}.')
_ONE_TYPE = Fix("Use one type of value per key: numbers, text, or lists of one of them.")


def table_from_records(rows: Sequence[str], folder: Path | None = None) -> Table:
    """Return a table of JSON records, read as JSON lines; absent keys and null are missing cells.

    Args:
        rows: records such as '{"island": "Biscoe", "flipper_length_mm": 210}', at least one.
        folder: the folder to which paths in cells are relative; None for the working directory.

    Raises:
        DiagnosticError: if a record is invalid; the error names its row.
    """
    # A newline within a record is whitespace in JSON, but would end the row in a file.
    lines = (row.replace("\r", " ").replace("\n", " ") + "\n" for row in rows)
    with TemporaryDirectory() as directory:
        file = Path(directory) / RECORDS_FILE_NAME
        file.write_bytes("".join(lines).encode(errors="surrogateescape"))
        try:
            table = open_table(file)
        except DiagnosticError as error:
            diagnostics = [_name_rows(found, len(rows)) for found in error.diagnostics]
            raise DiagnosticError(*diagnostics) from None
    return replace(table, path=(folder or Path()) / RECORDS_FILE_NAME)


def _name_rows(found: Diagnostic, count: int) -> Diagnostic:
    """Return the error `found` about a file of records, with row numbers instead of line numbers.

    `count` is the number of records. If there is only one record, the error calls it "the row".
    """

    def row(line: re.Match[str]) -> str:
        name = "the row" if count == 1 else f"row {int(line[2]) - 1} (counting from 0)"
        return f"{line[1]}{name}"

    if found.code == "data-not-found":
        found = replace(found, message="the rows have no columns", place=None, found="no key")
        return replace(found, expected="a value for a column", fixes=(_FLAT,))
    is_mixed = "has another type of value" in found.message
    return replace(
        found,
        message=_IN_MESSAGE.sub(row, found.message),
        place=_IN_PLACE.sub(row, found.place or ""),
        found=_IN_FOUND.sub(row, found.found) if is_mixed else found.found,
        fixes=found.fixes if found.code != "json-broken" else (_ONE_TYPE if is_mixed else _FLAT,),
    )

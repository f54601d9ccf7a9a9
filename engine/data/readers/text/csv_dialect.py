"""How a table of text is written, detected from its first lines, and told."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import get_args

from engine.core.diagnostic import Diagnostic
from engine.data.table.number_parser import COMMA, GROUPED, MISSING, POINT
from engine.recipe.csv_dialect import Decimal, Delimiter, Dialect

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SAMPLE_ROWS = 200

_POINT, _COMMA, _GROUPED = map(re.compile, (POINT, COMMA, GROUPED))
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Sample:
    """The first lines of a table.

    Args:
        lines: with their ends; the last one may be cut off unless `whole`.
        whole: True if the table has no further lines.
    """

    lines: Sequence[str]
    whole: bool = True

    def rows(self, delimiter: str) -> list[list[str]]:
        """Return the cells of the first lines, a row that is cut off left out."""
        reader = csv.reader(self.lines, delimiter=delimiter)
        try:
            rows = list(islice(reader, SAMPLE_ROWS))
        except csv.Error:  # a field beyond csv's own limit
            return []
        if not self.whole and len(rows) < SAMPLE_ROWS:
            rows = rows[:-1]
        return [[cell.strip() for cell in row] for row in rows if row]


def completed(given: Dialect, sample: Sample, tabs: bool = False) -> Dialect:
    """Return a dialect whose delimiter and header are known.

    The decimal sign stays None where no cell settles it.

    Args:
        given: what the person has said, which is not looked for.
        sample: the first lines.
        tabs: True if the file's name says that tabs stand between cells.
    """
    delimiter = given.delimiter or _delimiter(sample, tabs)
    rows = _emptied(sample.rows(delimiter), given)
    header = given.header if given.header is not None else _has_header(rows)
    return Dialect(
        delimiter=delimiter,
        decimal=given.decimal or _decimal(rows[1:] if header else rows),
        encoding=given.encoding,
        header=header,
        missing=given.missing,
    )


def _emptied(rows: Rows, given: Dialect) -> Rows:
    """Return rows in which cells that are said to be missing are empty."""
    return [["" if cell in given.missing else cell for cell in row] for row in rows]


def _delimiter(sample: Sample, tabs: bool) -> Delimiter:
    """Return the sign that cuts most lines into as many cells as the first one has."""
    best: tuple[float, int] = (0.0, 0)
    chosen: Delimiter = "\t" if tabs else ","
    for sign in get_args(Delimiter):
        if not any(sign in line for line in sample.lines):
            continue
        rows = sample.rows(sign)
        width = len(rows[0]) if rows else 1
        share = sum(len(row) == width for row in rows) / max(len(rows), 1)
        if width > 1 and (share, width) > best:
            best, chosen = (share, width), sign
    return chosen


def _has_header(rows: Rows) -> bool:
    """Return whether the first line names columns: texts, above numbers or above more texts."""
    if not rows:
        return True
    first, rest = rows[0], rows[1:]
    numbers = [_is_number(cell) for cell in first]
    for place, cell in enumerate(first):
        below = [row[place] for row in rest if len(row) > place and row[place] not in MISSING]
        of_numbers = bool(below) and all(map(_is_number, below))
        if of_numbers and not numbers[place] and cell not in MISSING:
            return True
    return not any(numbers) or _counts_up(first) and not _counts_up(rest[0] if rest else ())


def _counts_up(cells: Sequence[str]) -> bool:
    """Return whether the numbers among some cells count up evenly, as the names of years do."""
    whole = [int(cell) for cell in cells if cell.isascii() and cell.isdigit()]
    others = any(_is_number(cell) for cell in cells if not cell.isdigit())
    steps = {after - before for before, after in pairwise(whole)}
    return not others and len(steps) == 1 and steps != {0}


def _is_number(cell: str) -> bool:
    return bool(_POINT.search(cell) or _COMMA.search(cell) or _GROUPED.search(cell))


def _decimal(rows: Rows) -> Decimal | None:
    """Return a comma if a column can't be read without it, and no column has decimal points."""
    commas = False
    for column in zip(*(row for row in rows if len(row) == len(rows[0])), strict=True):
        cells = [cell for cell in column if cell not in MISSING]
        if any("." in cell and _POINT.search(cell) for cell in cells):
            return None
        settled = any("," in cell and not _GROUPED.search(cell) for cell in cells)
        commas = commas or (settled and all(map(_COMMA.search, cells)))
    return "," if commas else None


def told(dialect: Dialect, given: Dialect, path: Path) -> list[Diagnostic]:
    """Return a note for each thing that was detected and is not as in a plain CSV."""
    ending = path.suffixes[0].lower() if path.suffixes else ""
    usual = "\t" if ending == ".tsv" else ","
    notes = []
    if given.delimiter is None and dialect.delimiter not in (None, usual):
        between = NAMES[dialect.delimiter]
        notes.append(_read_as(path, f"{between} between the cells", between))
    if given.encoding is None and dialect.encoding != "utf-8":
        notes.append(_read_as(path, f"the encoding {dialect.encoding}", str(dialect.encoding)))
    if given.header is None and not dialect.header:
        found = "a first line of numbers"
        notes.append(_read_as(path, "columns called column_1, column_2 and so on", found))
    if given.decimal is None and dialect.decimal == ",":
        notes.append(_read_as(path, "decimal commas", "3,5 for three and a half"))
    return notes


def _read_as(path: Path, how: str, found: str) -> Diagnostic:
    return Diagnostic(
        "csv-read-as",
        f'"{path.name}" was read with {how}',
        severity="info",
        place=str(path),
        found=found,
    )

"""Detects the dialect of a CSV file: delimiter, header and decimal sign."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import get_args

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.readers.text.byte_stream import uncompressed_name
from engine.data.table.number_parser import (
    COMMA_PATTERN,
    GROUPED_PATTERN,
    MISSING_CELLS,
    POINT_PATTERN,
)
from engine.recipe.csv_dialect import DecimalSign, Delimiter, Dialect, set_file_fix

DELIMITER_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SAMPLE_ROWS = 200
_INDEX_NAMES = ("", "Unnamed: 0")  # the first name in files that pandas writes

_POINT, _COMMA, _GROUPED = map(re.compile, (POINT_PATTERN, COMMA_PATTERN, GROUPED_PATTERN))
CellRows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class CsvSample:
    """The first lines of a CSV file.

    Args:
        lines: the lines with their line ends; unless `is_complete`, the last line may be truncated.
        is_complete: True if the file has no more lines.
    """

    lines: Sequence[str]
    is_complete: bool = True

    def parse_rows(self, delimiter: str) -> list[list[str]]:
        """Return the cells of each complete row, split at a delimiter and stripped of spaces."""
        reader = csv.reader(self.lines, delimiter=delimiter)
        try:
            rows = list(islice(reader, SAMPLE_ROWS))
        except csv.Error:  # a field longer than the limit of the csv module
            return []
        if not self.is_complete and len(rows) < SAMPLE_ROWS:
            rows = rows[:-1]
        return [[cell.strip() for cell in row] for row in rows if row]


def detect_dialect(given: Dialect, sample: CsvSample, tabs: bool = False) -> Dialect:
    """Return the dialect `given`, in which settings that are None are replaced by detected values.

    The decimal sign stays None if no cell has a decimal sign. `tabs` is True if the file extension
    suggests tabs as the delimiter.
    """
    delimiter = given.delimiter or _detect_delimiter(sample, tabs)
    rows = [
        ["" if cell in given.missing else cell for cell in row]
        for row in sample.parse_rows(delimiter)
    ]
    header = given.header if given.header is not None else _has_header(rows)
    return Dialect(
        delimiter=delimiter,
        decimal=given.decimal or _detect_decimal(rows[1:] if header else rows),
        encoding=given.encoding,
        header=header,
        index=_detect_index(rows, given.index) if header else None,
        missing=given.missing,
    )


def _detect_delimiter(sample: CsvSample, tabs: bool) -> Delimiter:
    """Return the delimiter that splits most lines into as many cells as the first line.

    If no delimiter splits the first line, return a tab if `tabs` is True, otherwise a comma.
    """
    best: tuple[float, int] = (0.0, 0)
    chosen: Delimiter = "\t" if tabs else ","
    for delimiter in get_args(Delimiter):
        if not any(delimiter in line for line in sample.lines):
            continue
        rows = sample.parse_rows(delimiter)
        width = len(rows[0]) if rows else 1
        fraction = sum(len(row) == width for row in rows) / max(len(rows), 1)
        if width > 1 and (fraction, width) > best:
            best, chosen = (fraction, width), delimiter
    return chosen


def _has_header(rows: CellRows) -> bool:
    """Return whether the first line is a header.

    It is a header if it has a text above a column of numbers, if it contains no numbers, or if its
    numbers are evenly spaced, such as years, and the numbers of the second line are not.
    """
    if not rows:
        return True
    first, rest = rows[0], rows[1:]
    numbers = [_is_number(cell) for cell in first]
    for index, cell in enumerate(first):
        below = [row[index] for row in rest if len(row) > index and row[index] not in MISSING_CELLS]
        is_number_column = bool(below) and all(map(_is_number, below))
        if is_number_column and not numbers[index] and cell not in MISSING_CELLS:
            return True
    second = rest[0] if rest else ()
    return not any(numbers) or (_is_evenly_spaced(first) and not _is_evenly_spaced(second))


def _is_evenly_spaced(cells: Sequence[str]) -> bool:
    """Return whether the numbers in a line are integers with a constant difference."""
    integers = [int(cell) for cell in cells if cell.isascii() and cell.isdigit()]
    has_others = any(_is_number(cell) for cell in cells if not cell.isdigit())
    steps = {after - before for before, after in pairwise(integers)}
    return not has_others and len(steps) == 1 and steps != {0}


def _is_number(cell: str) -> bool:
    return bool(_POINT.search(cell) or _COMMA.search(cell) or _GROUPED.search(cell))


def _detect_decimal(rows: CellRows) -> DecimalSign | None:
    """Return "," if a column needs decimal commas and no column has decimal points, else None."""
    has_commas = False
    for column in zip(*(row for row in rows if len(row) == len(rows[0])), strict=True):
        cells = [cell for cell in column if cell not in MISSING_CELLS]
        if any("." in cell and _POINT.search(cell) for cell in cells):
            return None
        # 1,234 may be an integer, so a cell such as 1,5 is required.
        is_decimal = any("," in cell and not _GROUPED.search(cell) for cell in cells)
        has_commas = has_commas or (is_decimal and all(map(_COMMA.search, cells)))
    return "," if has_commas else None


def _detect_index(rows: CellRows, given: bool | None) -> bool | None:
    """Return whether the first column is an index as pandas writes it; None if it has a name.

    Its numbers differ, in any order if rows were shuffled, and unless many rows follow, they are
    not much larger than their count. Few may be so by chance, unless they begin with 0 or 1.
    """
    if not rows or rows[0][0] not in _INDEX_NAMES:
        return None
    cells = [row[0] for row in rows[1:]]
    are_numbers = all(cell.isascii() and cell.isdigit() for cell in cells)
    if given is not None or len(rows[0]) == 1 or not cells or not are_numbers:
        return bool(given)
    numbers = list(map(int, cells))
    needed = {0: 1, 1: 2}.get(numbers[0], 3)
    is_small = len(rows) >= SAMPLE_ROWS or max(numbers) < 10 * len(numbers)
    return is_small and len(set(numbers)) == len(numbers) >= needed


def dialect_notes(
    dialect: Dialect, given: Dialect, path: Path, unnamed: Sequence[str] = ()
) -> list[Diagnostic]:
    """Return an info for each setting that was detected and differs from the format's default.

    `given` is the dialect set by the user, and `dialect` is the complete dialect. `unnamed` are
    the columns that the file does not name.
    """
    default = "\t" if uncompressed_name(path).endswith(".tsv") else ","
    notes = []
    if unnamed:
        notes.append(_read_as(path, f"names for columns without one: {', '.join(unnamed)}"))
    if given.delimiter is None and dialect.delimiter not in (None, default):
        notes.append(_read_as(path, f"{DELIMITER_NAMES[dialect.delimiter]} between the cells"))
    if given.encoding is None and dialect.encoding != "utf-8":
        notes.append(_read_as(path, f"the encoding {dialect.encoding}"))
    if given.header is None and not dialect.header:
        notes.append(_read_as(path, "columns named column_1, column_2 and so on"))
    if given.decimal is None and dialect.decimal == ",":
        notes.append(_read_as(path, "decimal commas"))
    if given.index is None and dialect.index:
        fix = set_file_fix("Read it as a column.", index=False)
        notes.append(_read_as(path, "its first column omitted, which numbers the rows", fix))
    return notes


def _read_as(path: Path, setting: str, *fixes: Fix) -> Diagnostic:
    message = f'"{path.name}" was read with {setting}'
    return Diagnostic.info("csv-read-as", message, *fixes, place=str(path), found=setting)

"""Turns cells of text into numbers, strictly: no grouping, no units, no guessing."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.rows import counted, first_rows

Array = NDArray[Any]
MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "null"})
_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)


def mostly_numbers(cells: Array) -> bool:
    """Answer whether more than half of the cells that are filled hold numbers."""
    filled = [cell for cell in cells if cell not in MISSING]
    patterns = (_POINT, _COMMA, _GROUPED)
    fitting = sum(1 for cell in filled if any(each.fullmatch(cell) for each in patterns))
    return bool(filled) and 2 * fitting > len(filled)


def parse_numbers(cells: Array, name: str) -> tuple[Array, list[Diagnostic]]:
    """Answer the numbers, NaN where a cell is empty, with a note if commas were decimal signs.

    Raises:
        Refused: naming row, column and value of the cells that hold none, or whose commas may
            as well group digits.
    """
    missing = np.array([cell in MISSING for cell in cells], bool)
    values = np.full(len(cells), np.nan)
    filled = cells[~missing]
    bad = _misfits(filled, _POINT)
    notes = []
    if bad.any() and not _misfits(filled[bad], _GROUPED).any():
        raise Refused(_grouped(name, _among(bad, missing), str(filled[bad][0])))
    if bad.any() and not _misfits(filled, _COMMA).any():
        filled = np.array([cell.replace(",", ".") for cell in filled], object)
        notes.append(_decimal_commas(name))
    elif bad.any():
        raise Refused(_unreadable(name, _among(bad, missing), str(filled[bad][0])))
    values[~missing] = [float(cell) for cell in filled]
    return values, notes


def _misfits(cells: Array, pattern: re.Pattern[str]) -> Array:
    return np.array([pattern.fullmatch(cell) is None for cell in cells], bool)


def _among(bad: Array, missing: Array) -> Array:
    """Answer which of all rows are bad, given which of the filled ones are."""
    rows = np.zeros(len(missing), bool)
    rows[~missing] = bad
    return rows


def _decimal_commas(name: str) -> Diagnostic:
    return Diagnostic(
        "csv-read-as",
        f'"{name}" was read with decimal commas',
        severity="info",
        place=f"column {name}",
        found="3,5 for three and a half",
    )


def _unreadable(name: str, rows: Array, value: str) -> Diagnostic:
    shown = value if len(value) <= 40 else value[:37] + "..."
    row = int(np.flatnonzero(rows)[0])
    return Diagnostic(
        "number-unreadable",
        f'"{name}" holds cells that are no numbers: {counted(rows)}',
        place=f"column {name}, {first_rows(rows)}",
        found=f"{shown!r} in row {row}",
        expected="a number such as 1000, -0.5 or 1e-3, or an empty cell",
        fixes=(Fix("Correct the cells, without units and without grouping of digits."),),
    )


def _grouped(name: str, rows: Array, value: str) -> Diagnostic:
    row = int(np.flatnonzero(rows)[0])
    decimal = f", or {value.replace(',', '.')} if the comma is decimal"
    return Diagnostic(
        "number-unreadable",
        f'"{name}" holds commas that may group digits or be decimal signs: {counted(rows)}',
        place=f"column {name}, {first_rows(rows)}",
        found=f"{value[:40]!r} in row {row}",
        expected=value.replace(",", "")[:40] + (decimal if value.count(",") == 1 else ""),
        fixes=(Fix("Write the numbers without grouping, and with a decimal point."),),
    )

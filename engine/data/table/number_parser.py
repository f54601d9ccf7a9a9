"""Turns cells of text into numbers, strictly: no grouping, no units, no guessing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.table.column_types import TEXT, Text, flags
from engine.data.table.lazy_arrow import pa, pc
from engine.data.table.row_numbers import counted, first_rows
from engine.recipe.csv_dialect import Decimal, or_missing, set_file

Array = NDArray[Any]
Mask = NDArray[np.bool_]

_FEW = 100
_WORDS, _LONG = 5, 40  # words that may stand for an empty cell, and their letters
LIKE_COMMA = "looks like a decimal comma"
MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "null"})
# In the words of RE2, whose $ is the end of the text and nothing else.
POINT = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
GROUPED = r"^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+$"
COMMA = r"^[+-]?([0-9]+,?[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?$"


def missing_numbers(cells: Text) -> Mask:
    """Return for each cell whether it stands for a number that is not there."""
    return flags(pc.is_in(cells, value_set=pa.array(sorted(MISSING), TEXT)))


def mostly_numbers(cells: Text) -> bool:
    """Return whether more than half of the cells that are filled hold numbers."""
    if plain_numbers(cells) is not None:
        return True
    encoded = cells.dictionary_encode()  # labels come again and again, so these are few
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return mostly(encoded.dictionary, np.bincount(codes, minlength=len(encoded.dictionary)))


def mostly(texts: Text, times: Array) -> bool:
    """Return the same for texts that occur so many times each."""
    filled = ~missing_numbers(texts)
    texts, times = texts.filter(pa.array(filled)), times[filled]
    fitting = ~(_misfits(texts, POINT) & _misfits(texts, COMMA) & _misfits(texts, GROUPED))
    return bool(2 * times[fitting].sum() > times.sum())


def plain_numbers(cells: Text, decimal: Decimal | None = None) -> Array | None:
    """Return the numbers if each cell surely holds one; None leaves it to a closer look."""
    return None if decimal == "," or not len(cells) else _cast(cells)


def parse_numbers(
    cells: Text,
    name: str,
    decimal: Decimal | None = None,
    csv: bool = False,
    points: bool = False,
) -> tuple[Array, list[Diagnostic]]:
    """Return the numbers, NaN where a cell is empty, with a note if commas were found decimal.

    Args:
        cells: the column.
        name: of the column, for findings.
        decimal: the decimal sign of the whole table; None lets the column's own cells tell.
        csv: True if it can be said which words stand for an empty cell of the table.
        points: True if other cells of the column are known to have decimal points.

    Raises:
        Refused: naming row, column and value of the cells that hold none, or whose commas may
            as well group digits.
    """
    missing = missing_numbers(cells)
    filled = cells.filter(pa.array(~missing)) if missing.any() else cells
    try:
        numbers, notes = _parsed(filled, missing, name, decimal, points)
    except Refused as refused:
        words = strange_words(filled, decimal) if csv else ()
        raise Refused(*(_takeable(found, words) for found in refused.diagnostics)) from None
    if len(numbers) == len(cells):
        return numbers, notes
    values = np.full(len(cells), np.nan)
    values[~missing] = numbers
    return values, notes


def strange_words(cells: Text, decimal: Decimal | None = None) -> tuple[str, ...]:
    """Return the texts among numbers that hold none, () if they are many or long.

    What is written with another decimal sign, or grouped, is a number and no such word.
    """
    texts = cells.filter(pa.array(~missing_numbers(cells))).unique()
    strange = _misfits(texts, POINT) & _misfits(texts, COMMA) & _misfits(texts, GROUPED)
    return few_words(texts.filter(pa.array(strange)).to_pylist())


def few_words(words: list[str]) -> tuple[str, ...]:
    """Return words that may well stand for an empty cell, () if they are many or long."""
    few = len(words) <= _WORDS and all(len(word) <= _LONG for word in words)
    return tuple(words) if few else ()


def _takeable(found: Diagnostic, words: tuple[str, ...]) -> Diagnostic:
    return replace(found, fixes=or_missing(found.fixes, words)) if words else found


def pointed(cell: str) -> str:
    """Return a number with a decimal comma with a point, as all are shown; others as they are."""
    return cell.replace(",", ".") if re.search(COMMA, cell) else cell


def loose_numbers(cells: Text, decimal: Decimal | None = None) -> Array:
    """Return the numbers, NaN where a cell is empty or holds none; to look at, not to train on."""
    pattern = COMMA if decimal == "," else POINT
    fitting = ~_misfits(cells, pattern)
    values = np.full(len(cells), np.nan)
    values[fitting] = _with_commas(cells.filter(pa.array(fitting)))
    return values


def _parsed(
    filled: Text, missing: Mask, name: str, decimal: Decimal | None, points: bool
) -> tuple[Array, list[Diagnostic]]:
    """Return the numbers of the cells that are filled."""
    numbers = _cast(filled)
    if numbers is not None and decimal != ",":
        return numbers, []
    pattern = COMMA if decimal == "," else POINT
    bad = _misfits(filled, pattern)
    if decimal is None and bad.any():
        if not _misfits(filled.filter(pa.array(bad)), GROUPED).any():
            raise Refused(_grouped(name, _among(bad, missing), _first(filled, bad)))
        if not _misfits(filled, COMMA).any():
            return _with_commas(filled), [decimal_commas(name)]
    if bad.any():
        rows = _among(bad, missing)
        commas = not _misfits(filled.filter(pa.array(bad)), COMMA).any()
        points = points or bool(flags(pc.match_substring(filled, ".")).any())
        if points and commas and decimal != ",":
            raise Refused(_both_signs(name, rows, _first(filled, bad)))
        raise Refused(_unreadable(name, rows, _first(filled, bad), decimal))
    return _with_commas(filled) if decimal == "," else _floats(filled), []


def _cast(cells: Text) -> Array | None:
    """Return the numbers, or None if some cells may hold none.

    Why: this costs a quarter of matching a pattern, and takes exactly what the pattern takes, but
    for words such as "inf", which give what is not finite. A cast that fails is slow, since pyarrow
    words an error for each cell, so the first cells are tried alone.
    """
    try:
        if len(cells) > _FEW:
            _floats(cells[:_FEW])
        values = _floats(cells)
    except pa.ArrowInvalid:
        return None
    return values if np.isfinite(values).all() else None


def _floats(cells: Text) -> Array:
    # A copy, since torch warns of arrays that can't be written to.
    return np.array(pc.cast(cells, pa.float64()).to_numpy(zero_copy_only=False))


def _with_commas(cells: Text) -> Array:
    return _floats(pc.replace_substring(cells, ",", "."))


def _misfits(cells: Text, pattern: str) -> Mask:
    return ~flags(pc.match_substring_regex(cells, pattern))


def _first(cells: Text, bad: Mask) -> str:
    return str(cells[int(np.flatnonzero(bad)[0])])


def _among(bad: Mask, missing: Mask) -> Mask:
    """Return which of all rows are bad, given which of the filled ones are."""
    rows = np.zeros(len(missing), bool)
    rows[~missing] = bad
    return rows


def decimal_commas(name: str) -> Diagnostic:
    """Return the note on numbers whose commas were found to be decimal signs."""
    return Diagnostic(
        "csv-read-as",
        f'"{name}" was read with decimal commas',
        severity="info",
        place=f"column {name}",
        found="3,5 for three and a half",
    )


def _unreadable(name: str, rows: Mask, value: str, decimal: Decimal | None) -> Diagnostic:
    shown = value if len(value) <= 40 else value[:37] + "..."
    row = int(np.flatnonzero(rows)[0])
    comma = decimal == ","
    fixes = [Fix("Correct the cells, without units and without grouping of digits.")]
    if comma and re.search(POINT, value):
        fixes.append(set_file("Say that points are decimal signs in this table.", decimal="."))
    if decimal == "." and re.search(COMMA, value):
        fixes.append(set_file("Say that commas are decimal signs in this table.", decimal=","))
    return Diagnostic(
        "number-unreadable",
        f'"{name}" holds cells that are no numbers: {counted(rows)}',
        place=f"column {name}, {first_rows(rows)}",
        found=f"{shown!r} in row {row}",
        expected=f"a number such as 1000, {'-0,5' if comma else '-0.5'} or 1e-3, or an empty cell",
        fixes=tuple(fixes),
    )


def _both_signs(name: str, rows: Mask, value: str) -> Diagnostic:
    """Return the finding for decimal commas in a column in which other cells have points."""
    point = pointed(value)[:40]
    text = f"Write {point} for {value[:40]}, and the other cells with a comma alike."
    return Diagnostic(
        "number-unreadable",
        f'"{name}" has decimal commas in some cells and points in others: {counted(rows)}',
        place=f"column {name}, {first_rows(rows)}",
        found=f"{value[:40]!r} in row {int(np.flatnonzero(rows)[0])} {LIKE_COMMA}",
        expected=point,
        fixes=(Fix(text),),
    )


def _grouped(name: str, rows: Mask, value: str) -> Diagnostic:
    row = int(np.flatnonzero(rows)[0])
    decimal = f", or {value.replace(',', '.')} if the comma is decimal"
    fixes = [Fix("Write the numbers without grouping, and with a decimal point.")]
    if value.count(",") == 1:
        fixes.append(set_file("Say that commas are decimal signs in this table.", decimal=","))
    return Diagnostic(
        "number-unreadable",
        f'"{name}" holds commas that may group digits or be decimal signs: {counted(rows)}',
        place=f"column {name}, {first_rows(rows)}",
        found=f"{value[:40]!r} in row {row}",
        expected=value.replace(",", "")[:40] + (decimal if value.count(",") == 1 else ""),
        fixes=tuple(fixes),
    )

"""Columns as the text of a CSV, quoted where a cell needs it, and harmless in a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from engine.data.table.column_types import TEXT, Column, Text, is_date, is_number, is_text, text
from engine.data.table.lazy_arrow import pa, pc
from engine.recipe.csv_dialect import Decimal

# What a spreadsheet may take for a formula (CWE-1236); a number, such as -1,5, is none.
FORMULA = "^[=+\\-@\t\r\\x00]"
_NUMBER = r"^[+-][0-9.,]+([eE][+-]?[0-9]+)?$"


def fits_csv(column: Column) -> bool:
    """Return whether each value has room in a cell: all but arrays with further axes have."""
    return not is_number(column) or column.size == len(column)


def csv_bytes(
    columns: Mapping[str, Column], delimiter: str = ",", decimal: Decimal = "."
) -> memoryview | bytes:
    """Return a CSV in UTF-8, the names of the columns first.

    Args:
        columns: of equal length, one value in each row.
        delimiter: the sign between cells.
        decimal: the sign in numbers.
    """
    titles = _lines([_quoted(_harmless(text([name])), delimiter) for name in columns], delimiter)
    cells = [_quoted(cells_of(column, decimal), delimiter) for column in columns.values()]
    return _bytes(pa.concat_arrays([titles, _lines(cells, delimiter)]))


def cells_of(column: Column, decimal: Decimal = ".") -> Text:
    """Return a column as text: the shortest digits that read back as the same number.

    A missing value is an empty cell; a list is written as JSON.
    """
    if is_text(column):
        return _harmless(column)
    if isinstance(column, pa.LargeListArray):
        return text(json.dumps(each, ensure_ascii=False) for each in column.to_pylist())
    if is_date(column):
        days = text(np.datetime_as_string(column.reshape(-1), unit="auto").tolist())
        return pc.if_else(pa.array(np.isnat(column.reshape(-1))), "", days)
    flat = np.ascontiguousarray(column).reshape(-1)
    digits = pc.cast(pa.array(flat), TEXT)
    if flat.dtype.kind == "f":
        digits = pc.if_else(pa.array(np.isnan(flat)), "", digits)
    return digits if decimal == "." else pc.replace_substring(digits, ".", decimal)


def _harmless(cells: Text) -> Text:
    """Keep a spreadsheet from taking a text for a formula."""
    formula = pc.and_not(
        pc.match_substring_regex(cells, FORMULA), pc.match_substring_regex(cells, _NUMBER)
    )
    if not pc.any(formula).as_py():
        return cells
    return pc.if_else(formula, _joined("'", cells), cells)


def _quoted(cells: Text, delimiter: str) -> Text:
    sign = "\\" + delimiter if delimiter == "|" else delimiter
    needs = pc.match_substring_regex(cells, f'["\r\n{sign}]')
    if not pc.any(needs).as_py():
        return cells
    doubled = pc.replace_substring(cells, '"', '""')
    return pc.if_else(needs, _joined('"', doubled, '"'), cells)


def _lines(cells: list[Text], delimiter: str) -> Text:
    """Return rows as lines; a single empty cell is quoted, or its line would be no row."""
    if len(cells) == 1:
        (only,) = cells
        cells = [pc.if_else(pc.equal(only, ""), '""', only)]
    return _joined(_joined(*cells, sign=delimiter), "\n")


def _joined(*parts: Text | str, sign: str = "") -> Text:
    """Return texts row by row side by side, a sign between them."""
    typed = [pa.scalar(each, TEXT) if isinstance(each, str) else each for each in (*parts, sign)]
    return pc.binary_join_element_wise(*typed)


def _bytes(lines: Text) -> memoryview | bytes:
    """Return the lines one after another, which is how Arrow holds them."""
    starts = np.frombuffer(lines.buffers()[1], np.int64)[lines.offset :][: len(lines) + 1]
    signs = lines.buffers()[2]
    return memoryview(signs)[starts[0] : starts[-1]] if signs else b""

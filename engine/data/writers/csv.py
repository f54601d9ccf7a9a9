"""CSV writer: formats and quotes cells, and escapes spreadsheet formulas."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.data.table.column_types import (
    TEXT_TYPE,
    Column,
    TextArray,
    is_date,
    is_text,
    text_column,
)
from engine.recipe.csv_dialect import DecimalSign

# Text that a spreadsheet may run as a formula (CWE-1236), except for numbers such as -1,5: it
# starts with = + - @, with their full-width forms, or with a control character.
FORMULA_PATTERN = "^[=+\\-@\uff0b\uff0d\uff1d\uff20\t\r\\x00]"
_NUMBER = r"^[+-][0-9.,]+([eE][+-]?[0-9]+)?$"


def csv_bytes(
    columns: Mapping[str, Column], delimiter: str = ",", decimal: DecimalSign = "."
) -> memoryview | bytes:
    """Return the content of a CSV file, in UTF-8, with columns of equal length."""
    names = [_quote(_escape_formulas(text_column([name])), delimiter) for name in columns]
    cells = [_quote(column_to_text(column, decimal), delimiter) for column in columns.values()]
    lines = [_join_lines(names, delimiter), _join_lines(cells, delimiter)]
    return _text_bytes(pa.concat_arrays(lines))


def column_to_text(column: Column, decimal: DecimalSign = ".") -> TextArray:
    """Return the cells of a column as they are written to a CSV file.

    A number has the fewest digits that can be read back as the same value. A missing value is an
    empty cell; a list is written as JSON.
    """
    if is_text(column):
        return _escape_formulas(column)
    if isinstance(column, pa.LargeListArray):
        return text_column(json.dumps(values, ensure_ascii=False) for values in column.to_pylist())
    if is_date(column):
        dates = column.reshape(-1)
        cells = text_column(np.datetime_as_string(dates, unit="auto").tolist())
        return pc.if_else(pa.array(np.isnat(dates)), "", cells)
    flat = np.ascontiguousarray(column).reshape(-1)
    digits = pc.cast(pa.array(flat), TEXT_TYPE)
    if flat.dtype.kind == "f":
        digits = pc.if_else(pa.array(np.isnan(flat)), "", digits)
    return digits if decimal == "." else pc.replace_substring(digits, ".", decimal)


def _escape_formulas(cells: TextArray) -> TextArray:
    """Return the cells, with an apostrophe before cells that spreadsheets may run as formulas."""
    is_number = pc.match_substring_regex(cells, _NUMBER)
    is_formula = pc.and_not(pc.match_substring_regex(cells, FORMULA_PATTERN), is_number)
    if not pc.any(is_formula).as_py():
        return cells
    return pc.if_else(is_formula, _concat("'", cells), cells)


def _quote(cells: TextArray, delimiter: str) -> TextArray:
    """Return the cells; those that contain a delimiter, a quote or a newline are quoted."""
    escaped = "\\" + delimiter if delimiter == "|" else delimiter
    is_special = pc.match_substring_regex(cells, f'["\r\n{escaped}]')
    if not pc.any(is_special).as_py():
        return cells
    doubled = pc.replace_substring(cells, '"', '""')
    return pc.if_else(is_special, _concat('"', doubled, '"'), cells)


def _join_lines(columns: list[TextArray], delimiter: str) -> TextArray:
    """Return one line per row; an empty line becomes two quotes, as readers skip empty lines."""
    if len(columns) == 1:
        (cells,) = columns
        columns = [pc.if_else(pc.equal(cells, ""), '""', cells)]
    return _concat(_concat(*columns, separator=delimiter), "\n")


def _concat(*parts: TextArray | str, separator: str = "") -> TextArray:
    """Return the concatenation of the parts, row by row; a string is the same in every row."""
    operands = [pa.scalar(part, TEXT_TYPE) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*operands, pa.scalar(separator, TEXT_TYPE))


def _text_bytes(lines: TextArray) -> memoryview | bytes:
    """Return the bytes of all lines, without a copy, from the data buffer of the Arrow array."""
    offsets = np.frombuffer(lines.buffers()[1], np.int64)[lines.offset :][: len(lines) + 1]
    data = lines.buffers()[2]
    return memoryview(data)[offsets[0] : offsets[-1]] if data else b""

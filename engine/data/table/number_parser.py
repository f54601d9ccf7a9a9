"""Strictly parses text cells to numbers: digit grouping and units are errors."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.core.affected_rows import AffectedRows
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.table.array import Array
from engine.data.table.column_types import TextArray, is_any_of, matches_pattern, value_counts
from engine.data.table.row_numbers import affected_rows, cells_error
from engine.recipe.csv_dialect import DecimalSign, set_file_fix, with_missing_words_fix

Mask = NDArray[np.bool_]

_PROBE_SIZE = 100  # the number of cells that are parsed first
_MAX_WORDS, _MAX_WORD_LENGTH = 5, 40  # the limits of words that may stand for missing cells
DECIMAL_COMMA_HINT = "looks like a decimal comma"
MISSING_WORDS = frozenset({"", "NA", "N/A", "NaN", "nan", "null"})
# RE2 patterns, in which $ only matches at the end of the text.
POINT_PATTERN = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
GROUPED_PATTERN = r"^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+$"
COMMA_PATTERN = r"^[+-]?([0-9]+,?[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?$"
_ANY_PATTERN = f"{POINT_PATTERN}|{GROUPED_PATTERN}|{COMMA_PATTERN}"
_READ_COMMAS = set_file_fix("Read commas as decimal separators in this table.", decimal=",")


def missing_number_mask(cells: TextArray) -> Mask:
    """Return, for each cell, whether it stands for a missing number."""
    return is_any_of(cells, MISSING_WORDS)


def is_mostly_numbers(cells: TextArray) -> bool:
    """Return whether more than half of the cells that are not missing are numbers."""
    return 2 * count_numbers(cells) > len(cells) - int(missing_number_mask(cells).sum())


def count_numbers(cells: TextArray) -> int:
    """Return how many cells are numbers."""
    if try_cast_numbers(cells) is not None:
        return len(cells)
    texts, counts = value_counts(cells)  # labels have few distinct texts
    return int(counts[~_is_no_number(texts)].sum())


def try_cast_numbers(cells: TextArray, decimal: DecimalSign | None = None) -> Array | None:
    """Return the numbers if all cells can be cast directly, else None.

    If the result is None, the cells may still be numbers for `parse_numbers`.
    """
    return None if decimal == "," or not len(cells) else _try_cast(cells)


def parse_numbers(
    cells: TextArray,
    name: str,
    decimal: DecimalSign | None = None,
    csv: bool = False,
    points: bool = False,
) -> tuple[Array, list[Diagnostic]]:
    """Return the numbers (NaN for missing cells), and an info if decimal commas were detected.

    Args:
        cells: the cells of the column.
        name: the name of the column, for messages.
        decimal: the decimal sign of the table; None detects it from the cells.
        csv: True if the table is a CSV file. Errors then suggest its setting for words that stand
            for missing cells.
        points: True if cells of the column in other chunks have decimal points.

    Raises:
        DiagnosticError: with the rows that are not numbers, or whose commas may be digit grouping.
    """
    missing = missing_number_mask(cells)
    filled = cells.filter(~missing) if missing.any() else cells
    try:
        numbers, notes = _parse_filled(filled, missing, name, decimal, points)
    except DiagnosticError as error:
        words = non_number_words(filled) if csv else ()
        if not words:
            raise
        (found,) = error.diagnostics
        fixes = with_missing_words_fix(found.fixes, words)
        raise DiagnosticError(replace(found, fixes=fixes)) from None
    if len(numbers) == len(cells):
        return numbers, notes
    values = np.full(len(cells), np.nan)
    values[~missing] = numbers
    return values, notes


def non_number_words(cells: TextArray) -> tuple[str, ...]:
    """Return the texts that are not numbers in any notation, () if they are many or long.

    Such words may stand for missing values.
    """
    texts = cells.filter(~missing_number_mask(cells)).unique()
    return missing_word_candidates(texts.filter(_is_no_number(texts)).to_pylist())


def missing_word_candidates(words: list[str]) -> tuple[str, ...]:
    """Return `words` if they may stand for missing cells, () if they are too many or too long."""
    is_plausible = len(words) <= _MAX_WORDS and all(len(word) <= _MAX_WORD_LENGTH for word in words)
    return tuple(words) if is_plausible else ()


def with_decimal_point(cell: str) -> str:
    """Return the cell; if it is a number with a decimal comma, the comma becomes a point."""
    return cell.replace(",", ".") if re.search(COMMA_PATTERN, cell) else cell


def parse_numbers_leniently(cells: TextArray, decimal: DecimalSign | None = None) -> Array:
    """Return the numbers in cells, NaN for cells that are not numbers; used by previews."""
    pattern = COMMA_PATTERN if decimal == "," else POINT_PATTERN
    matches = ~_mismatches(cells, pattern)
    values = np.full(len(cells), np.nan)
    values[matches] = _cast_commas(cells.filter(matches))
    return values


def _parse_filled(
    filled: TextArray, missing: Mask, name: str, decimal: DecimalSign | None, points: bool
) -> tuple[Array, list[Diagnostic]]:
    """Return the numbers in `filled`, the cells of a column that are not missing, and infos.

    `missing` is the mask of missing cells in the whole column. The other arguments, the infos
    and the errors are those of `parse_numbers`.
    """
    numbers = _try_cast(filled)
    if numbers is not None and decimal != ",":
        return numbers, []
    pattern = COMMA_PATTERN if decimal == "," else POINT_PATTERN
    is_invalid = _mismatches(filled, pattern)
    if not is_invalid.any():
        return _cast_commas(filled) if decimal == "," else _cast_floats(filled), []
    invalid = filled.filter(is_invalid)
    invalid_rows = np.zeros(len(missing), bool)
    invalid_rows[~missing] = is_invalid
    rows = affected_rows(invalid_rows)
    value = str(invalid[0])
    if decimal is None:
        # If all mismatches look like 1,234, they are integers or have a decimal comma.
        if not _mismatches(invalid, GROUPED_PATTERN).any():
            raise _grouping_error(name, rows, value)
        # Check whether all cells are numbers with decimal commas.
        if not _mismatches(filled, COMMA_PATTERN).any():
            return _cast_commas(filled), [decimal_comma_diagnostic(name)]
    has_commas = not _mismatches(invalid, COMMA_PATTERN).any()
    has_points = points or bool(matches_pattern(filled, r"\.").any())
    if has_points and has_commas and decimal != ",":
        raise _mixed_decimals_error(name, rows, value)
    raise _not_number_error(name, rows, value, decimal)


def _try_cast(cells: TextArray) -> Array | None:
    """Return the cells cast to numbers, None if some cells may not be numbers.

    Why: a cast takes a quarter of the time of a regular expression for numbers. A cast also accepts
    words such as "inf"; these are detected because their values are non-finite. A cast that fails
    is slow because pyarrow formats an error for each cell. Therefore the first cells are cast
    separately, before all cells are cast.
    """
    try:
        if len(cells) > _PROBE_SIZE:
            _cast_floats(cells[:_PROBE_SIZE])
        values = _cast_floats(cells)
    except ValueError:  # pyarrow.ArrowInvalid
        return None
    return values if np.isfinite(values).all() else None


def _cast_floats(cells: TextArray) -> Array:
    # Copy the array, since torch warns about read-only arrays.
    return np.array(cells.cast("float64").to_numpy(zero_copy_only=False))


def _cast_commas(cells: TextArray) -> Array:
    import pyarrow.compute as pc

    return _cast_floats(pc.replace_substring(cells, ",", "."))


def _mismatches(cells: TextArray, pattern: str) -> Mask:
    return ~matches_pattern(cells, pattern)


def _is_no_number(cells: TextArray) -> Mask:
    """Return a mask of the cells that match none of the three number patterns of this module."""
    return _mismatches(cells, _ANY_PATTERN)


def decimal_comma_diagnostic(name: str) -> Diagnostic:
    """Return the info that the commas of a column were read as decimal commas."""
    return Diagnostic(
        "csv-read-as",
        f'"{name}" was read with decimal commas',
        severity="info",
        place=f"column {name}",
        found="numbers such as 3,5",
    )


def _not_number_error(
    name: str, rows: AffectedRows, value: str, decimal: DecimalSign | None
) -> DiagnosticError:
    is_comma = decimal == ","
    example = "-0,5" if is_comma else "-0.5"
    fixes = [Fix("Correct the cells: no units and no digit grouping.")]
    if is_comma and re.search(POINT_PATTERN, value):
        fixes.append(set_file_fix("Read points as decimal separators in this table.", decimal="."))
    if decimal == "." and re.search(COMMA_PATTERN, value):
        fixes.append(_READ_COMMAS)
    return cells_error(
        "number-unreadable",
        name,
        "has cells that are not numbers",
        rows,
        *fixes,
        cell=value if len(value) <= 40 else value[:37] + "...",
        expected=f"a number such as 1000, {example} or 1e-3, or an empty cell",
    )


def _mixed_decimals_error(name: str, rows: AffectedRows, value: str) -> DiagnosticError:
    """Return the error for a column with both decimal signs; `value` is the first with a comma."""
    corrected = with_decimal_point(value)[:40]
    return cells_error(
        "number-unreadable",
        name,
        "has decimal commas in some cells and points in others",
        rows,
        f"Write {corrected} for {value[:40]}, and change the other commas in the same way.",
        found=f"{value[:40]!r} {rows.first_text} {DECIMAL_COMMA_HINT}",
        expected=corrected,
    )


def _grouping_error(name: str, rows: AffectedRows, value: str) -> DiagnosticError:
    fixes = [Fix("Write the numbers without digit grouping and with a decimal point.")]
    alternative = ""
    if value.count(",") == 1:
        fixes.append(_READ_COMMAS)
        alternative = f", or {value.replace(',', '.')} if the comma is a decimal separator"
    return cells_error(
        "number-unreadable",
        name,
        "has commas that may be digit grouping or decimal separators",
        rows,
        *fixes,
        cell=value[:40],
        expected=value.replace(",", "")[:40] + alternative,
    )

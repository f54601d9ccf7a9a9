"""Parses text cells to numbers, in the form that `number_form` detects; nothing is guessed."""

from __future__ import annotations

import re

import numpy as np

from engine.core.affected_rows import AffectedRows
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.table.array import MAX_NUMBER, Array
from engine.data.table.column_types import TextArray, is_any_of, matches_pattern, value_counts
from engine.data.table.number_form import (
    NUMBER_PATTERN,
    OTHER_SIGN,
    UNGROUPED,
    DetectedForm,
    Mask,
    NumberForm,
    NumberFormCounter,
    read_texts,
)
from engine.data.table.row_numbers import affected_rows, cells_error
from engine.recipe.csv_dialect import QUANTITY_WORDS, DecimalSign, missing_words_fix, set_file_fix

_PROBE_SIZE = 100  # the number of cells that are parsed first
MISSING_WORDS = frozenset({"", "NA", "N/A", "NaN", "nan", "null"})
MISSING_CELLS = MISSING_WORDS | QUANTITY_WORDS
# RE2 patterns, in which $ only matches at the end of the text.
POINT_PATTERN, COMMA_PATTERN = UNGROUPED["."], UNGROUPED[","]
GROUPED_PATTERN = r"^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+$"


def missing_cell_mask(cells: TextArray, labels: tuple[str, ...] = ()) -> Mask:
    """Return, for each cell, whether it stands for a missing value. Those in `labels` never do."""
    return is_any_of(cells, MISSING_WORDS.difference(labels))


def missing_quantity_mask(cells: TextArray) -> Mask:
    """Return, for each cell among numbers or dates, whether it stands for a missing value."""
    return is_any_of(cells, MISSING_CELLS)


def is_mostly_numbers(cells: TextArray) -> bool:
    """Return whether more than half of the cells that are not missing are numbers."""
    return 2 * count_numbers(cells) > len(cells) - int(missing_quantity_mask(cells).sum())


def count_numbers(cells: TextArray) -> int:
    """Return how many cells are numbers without a unit."""
    if _try_cast(cells) is not None:
        return len(cells)
    texts, counts = value_counts(cells)  # labels have few distinct texts
    # Spaces may group digits, but also separate ids, such as 1 234.
    is_number = matches_pattern(texts, NUMBER_PATTERN) & ~matches_pattern(texts, " ")
    return int(counts[is_number].sum())


def detect_number_form(cells: TextArray, counter: NumberFormCounter) -> DetectedForm:
    """Return the form of the numbers in a column; `counter` has counted no cell yet."""
    add_number_cells(cells, counter)
    return counter.detect()


def add_number_cells(cells: TextArray, counter: NumberFormCounter) -> None:
    """Count the next cells of a column; missing cells are ignored."""
    filled = cells.filter(~missing_quantity_mask(cells))
    if len(filled) and _try_cast(filled) is not None:
        counter.add_plain(filled)
    elif len(filled):
        counter.add(*value_counts(filled))


def parse_numbers(
    cells: TextArray, name: str, detected: DetectedForm
) -> tuple[Array, list[Diagnostic]]:
    """Return the numbers (NaN for missing cells), and a warning if few cells are no numbers.

    Args:
        cells: the cells of the column, or a part of them.
        name: the name of the column, for messages.
        detected: the form of the numbers in the whole column.

    Raises:
        DiagnosticError: with the rows that can't be read, or whose commas may be digit grouping.
    """
    form, problem = detected
    numbers = _try_cast(cells) if form.decimal == "." else None
    if numbers is not None:
        return numbers, []
    values = read_numbers(cells, form)
    is_unread = np.isnan(values) & ~missing_quantity_mask(cells)
    other_forms = {"grouping": {"group": ","}, "mixed": {"decimal": ",", "group": ".' "}}
    if problem in other_forms:  # only the cells that show the problem
        other = read_numbers(cells, form.model_copy(update=other_forms[problem]))
        is_unread &= ~np.isnan(other)
    if not is_unread.any():
        return values, []
    rows = affected_rows(is_unread)
    if not problem:
        warning = Diagnostic.warning(
            "number-unreadable",
            f'"{name}" has cells that are not numbers, which count as missing: {rows.count_text}',
            *([missing_words_fix(form.missing)] if form.missing else []),
            place=f"column {name}",
            rows=rows,
            found=", ".join(map(repr, form.missing)),
            expected="numbers or empty cells",
        )
        return values, [warning]
    raise _unreadable_error(name, rows, str(cells[int(is_unread.argmax())]), detected)


def read_numbers(cells: TextArray, form: NumberForm) -> Array:
    """Return the numbers in cells, NaN for missing cells and for those that are no numbers."""
    encoded = cells.dictionary_encode()
    values: Array = read_texts(encoded.dictionary, form)[np.asarray(encoded.indices)]
    return values


def with_decimal_point(cell: str) -> str:
    """Return the cell; if it is a number with a decimal comma, the comma becomes a point."""
    return cell.replace(",", ".") if re.search(COMMA_PATTERN, cell) else cell


def _try_cast(cells: TextArray) -> Array | None:
    """Return the cells cast to numbers, None if there are none, or if some may not be numbers.

    Why: a cast takes a quarter of the time of a regular expression for numbers. A cast also accepts
    words such as "inf" and 1e400; these are detected by their values. A cast that fails is slow
    because pyarrow formats an error for each cell. Therefore the first cells are cast separately,
    before all cells are cast.
    """
    try:
        cells[:_PROBE_SIZE].cast("float64")
        # A copy, since torch warns about read-only arrays.
        values = np.array(cells.cast("float64").to_numpy(zero_copy_only=False))
    except ValueError:  # pyarrow.ArrowInvalid
        return None
    return values if len(values) and (np.abs(values) < MAX_NUMBER).all() else None


def form_diagnostics(
    name: str, detected: DetectedForm, decimal: DecimalSign | None
) -> list[Diagnostic]:
    """Return an info on how the numbers of a column were read, [] if they are plain numbers.

    `decimal` is the decimal sign of the table, which needs no info for each column.
    """
    notation = detected.form.notation
    is_known = decimal == "," and notation == "decimal commas"
    if not notation or is_known or detected.problem:
        return []
    message = f'"{name}" was read with {notation}'
    return [Diagnostic.info("csv-read-as", message, place=f"column {name}", found=notation)]


def _unreadable_error(
    name: str, rows: AffectedRows, value: str, detected: DetectedForm
) -> DiagnosticError:
    """Return the error for cells that can't be read; `value` is the first of them."""
    form, problem = detected
    shown = value if len(value) <= 40 else value[:37] + "..."
    found, point = f"{shown!r} {rows.first_text}", value.replace(",", ".")
    fixes: list[Fix] = []
    match problem:
        case "grouping":
            text = "has commas that may be digit grouping or decimal separators"
            whole = value.replace(",", "")
            expected = f"{whole}, or {point} if the comma is a decimal separator"
            fixes += [
                set_file_fix(f"Read {value} as {whole}: commas group digits.", decimal="."),
                set_file_fix(
                    f"Read {value} as {point}: commas are decimal separators.", decimal=","
                ),
            ]
        case "mixed":
            text = "has decimal commas in some cells and points in others"
            found += " looks like a decimal comma"
            expected = shown.replace(".", "").replace(",", ".")
            advice = f"Write {expected} for {shown}, and change the other commas in the same way."
            fixes.append(Fix(advice))
        case _:
            text, other = "has cells that are not numbers", OTHER_SIGN[form.decimal]
            example = "-0.5".replace(".", form.decimal)
            expected = f"a number such as 1000, {example} or 1e-3, or an empty cell"
            fixes.append(Fix("Correct the cells."))
            if re.search(COMMA_PATTERN if other == "," else POINT_PATTERN, value):
                noun = "commas" if other == "," else "points"
                advice = f"Read {noun} as decimal separators in this table."
                fixes.append(set_file_fix(advice, decimal=other))
    return cells_error(
        "number-unreadable", name, text, rows, *fixes, found=found, expected=expected
    )

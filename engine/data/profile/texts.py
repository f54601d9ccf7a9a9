"""Statistics of text columns; the kind of text is detected from a sample of the cells."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.encoders.labels import FALSE_WORDS, TRUE_WORDS
from engine.data.encoders.multilabel import split_labels
from engine.data.profile.column_warnings import column_warning
from engine.data.profile.dates import date_statistics
from engine.data.profile.distribution import compute_histogram, summarize
from engine.data.profile.label_lists import MAX_LABEL_WORDS, count_words, label_separator
from engine.data.profile.labels import first_texts, top_labels
from engine.data.profile.numbers import SMALL_COLUMN_ROWS, number_statistics
from engine.data.profile.statistics import ColumnContent, ColumnKind, ColumnStatistics
from engine.data.readers.image_folder import IMAGE_EXTENSIONS
from engine.data.table.column_types import TextArray, is_any_of, matches_pattern, value_counts
from engine.data.table.date_parser import DateFormatCounter, non_date_words, parse_dates
from engine.data.table.number_form import DetectedForm, FormProblem, NumberFormCounter
from engine.data.table.number_parser import (
    detect_number_form,
    missing_cell_mask,
    missing_quantity_mask,
    parse_numbers,
    read_numbers,
    with_decimal_point,
)
from engine.data.table.row_numbers import affected_rows
from engine.recipe.csv_dialect import QUANTITY_WORDS, missing_words_fix

TYPE_SAMPLE_SIZE = 2_000  # the number of cells from which the kind of text is detected
MAX_COUNTED_CELLS = 200_000  # the maximum number of cells whose words are counted
_IMAGE_ENDINGS = "|".join(re.escape(ending[1:]) for ending in sorted(IMAGE_EXTENSIONS))
_IMAGE_PATH = rf"(?i)\.({_IMAGE_ENDINGS})$"
_ITEM_SEPARATOR = r"[\s,;]"
MAX_CATEGORIES = 1_000  # the maximum number of categories
MIN_NAMES = 100  # words of fewer cells may all differ by chance


def text_statistics(
    name: str, cells: TextArray, content: ColumnContent, forms: NumberFormCounter
) -> ColumnStatistics:
    """Return the statistics of a text column, which may hold numbers, dates, labels or text.

    Args:
        content: the content of the column.
        forms: counts the forms of numbers, and has counted no cell yet.
    """
    detected = detect_number_form(cells, forms)
    if content == "date texts" and detected.problem:
        return _dates(name, cells, content)
    if detected.problem in ("text", "empty") or _has_leading_zeros(cells):
        return _labels(name, cells, content, forms.mixed_units)
    return _numbers(name, cells, content, detected)


def _has_leading_zeros(cells: TextArray) -> bool:
    """Return whether cells are codes such as 01234: digits, some of which begin with a zero."""
    zeros = cells.filter(pc.starts_with(cells, "0"))
    if not matches_pattern(zeros, "^0[0-9]").any():
        return False
    return bool((matches_pattern(cells, "^[0-9]+$") | missing_quantity_mask(cells)).all())


def _numbers(
    name: str, cells: TextArray, content: ColumnContent, detected: DetectedForm
) -> ColumnStatistics:
    form, fault, correction = detected.form, "", ""
    try:
        values, found = parse_numbers(cells, name, detected)
    except DiagnosticError as error:
        values = read_numbers(cells, form)
        found = [replace(item, severity="warning") for item in error.diagnostics]
        fault = _number_problem(found[0], detected.problem)
        correction = found[0].fixes[0].text if detected.problem == "mixed" else ""
    examples = first_texts(cells.filter(~missing_quantity_mask(cells))[:MAX_COUNTED_CELLS])
    if form.decimal == ",":
        examples = tuple(map(with_decimal_point, examples))
    statistics = number_statistics(name, values, content, examples, fault, cells)
    return statistics.model_copy(
        update={
            "commas": form.decimal == ",",
            "notation": form.notation,
            "strange": (*_quantity_words(cells), *form.missing),
            "mend": correction,
            "warnings": (*found, *statistics.warnings),
        }
    )


def _number_problem(error: Diagnostic, problem: FormProblem) -> str:
    assert error.rows is not None
    reasons = {"mixed": "where others have points", "grouping": f"may be {error.expected}"}
    reason = reasons.get(problem, "can't be read as a number")
    return f"{error.found} {reason} ({error.rows.count_text}, counting from 0)"


def _dates(name: str, cells: TextArray, content: ColumnContent) -> ColumnStatistics:
    is_missing = missing_quantity_mask(cells)
    present = cells.filter(~is_missing)
    formats = DateFormatCounter()
    formats.add(_evenly_spaced(present, TYPE_SAMPLE_SIZE))
    dates = parse_dates(cells, formats.best_format)
    rows = affected_rows(np.isnat(dates) & ~is_missing)
    fault, words = "", tuple[str, ...]()
    if rows.count:
        first = f"{str(cells[rows.numbers[0]])[:40]!r} {rows.first_text}"
        unread = f"{first} can't be read as a date ({rows.count_text}, counting from 0)"
        fault = formats.fault or unread
        words = non_date_words(cells, formats.best_format)
    examples = first_texts(present[:MAX_COUNTED_CELLS])
    statistics = date_statistics(name, dates, content, examples, fault)
    update: dict[str, Any] = {"ambiguous_dates": formats.is_ambiguous and not fault}
    update["strange"] = (*_quantity_words(cells), *words)
    if words:
        fix, problem = missing_words_fix(words), f"has cells that are not dates: {fault}"
        warning = column_warning(name, "date-unreadable", problem, ", ".join(words), fix)
        update["warnings"] = (warning,)
    return statistics.model_copy(update=update)


def _quantity_words(cells: TextArray) -> tuple[str, ...]:
    return tuple(cells.filter(is_any_of(cells, QUANTITY_WORDS)).unique().to_pylist())


def _labels(
    name: str, cells: TextArray, content: ColumnContent, units: tuple[str, ...]
) -> ColumnStatistics:
    rows, has_ids = len(cells), content == "id list texts"
    present = cells.filter(~missing_cell_mask(cells))
    sample = _evenly_spaced(present, TYPE_SAMPLE_SIZE)
    labels, counts = value_counts(present)
    word_counts = count_words(_evenly_spaced(present, MAX_COUNTED_CELLS))
    separator = "" if has_ids else label_separator(sample)
    kind: ColumnKind = "list"
    if not separator:
        kind = _kind(rows, present, sample, labels, word_counts, has_ids)
    if kind not in ("text", "id sequence"):
        word_counts = word_counts[:0]  # counts are only shown for text and ids
    several_units = f"its numbers have different units: {', '.join(units)}" if units else ""
    formats = DateFormatCounter()
    formats.add(sample)
    if separator:
        labels, counts = value_counts(split_labels(present, separator).values)
    return ColumnStatistics(
        name=name,
        kind=kind,
        content=content,
        rows=rows,
        missing=rows - len(present),
        distinct=len(labels),
        spread=summarize(word_counts),
        histogram=compute_histogram(word_counts, np.unique(word_counts)),
        top=top_labels(labels, counts)
        if kind in ("category", "boolean", "list", "constant")
        else (),
        separator=separator,
        examples=first_texts(present[:MAX_COUNTED_CELLS]),
        fault=formats.fault or several_units,
    )


def _kind(
    rows: int,
    present: TextArray,
    sample: TextArray,
    labels: TextArray,
    word_counts: NDArray[Any],
    has_ids: bool,
) -> ColumnKind:
    distinct_count = len(labels)
    if not distinct_count or (distinct_count == 1 and len(present) == rows):
        return "constant"
    if _match_fraction(sample, _IMAGE_PATH) > 0.9:
        return "image path"
    if has_ids and _match_fraction(sample, _ITEM_SEPARATOR) > 0.5:
        return "id sequence"
    if distinct_count == 2 and _is_yes_no(labels.to_pylist()):
        return "boolean"
    is_short = float(word_counts.mean()) <= MAX_LABEL_WORDS
    if distinct_count == len(present) > SMALL_COLUMN_ROWS:
        has_spaces = _match_fraction(sample, r"\s") >= 0.1
        if not has_spaces or (is_short and _are_names(sample)):
            return "identifier"
    repeats = distinct_count <= max(SMALL_COLUMN_ROWS, min(MAX_CATEGORIES, len(present) // 2))
    return "category" if repeats and (is_short or 2 * distinct_count <= len(present)) else "text"


def _are_names(cells: TextArray) -> bool:
    """Return whether different cells are names: many cells, most of whose words differ, too."""
    words = pc.utf8_split_whitespace(pc.utf8_lower(cells)).flatten()
    return len(cells) >= MIN_NAMES and 2 * len(words.unique()) > len(words)


def _is_yes_no(texts: list[str]) -> bool:
    words = {text.lower() for text in texts}
    return len(words & TRUE_WORDS) == len(words & FALSE_WORDS) == 1


def _match_fraction(cells: TextArray, pattern: str) -> float:
    return float(matches_pattern(cells, pattern).mean()) if len(cells) else 0.0


def _evenly_spaced(cells: TextArray, limit: int) -> TextArray:
    """Return at most `limit` cells, which are evenly spaced over the column."""
    step = -(-len(cells) // limit)
    return cells.take(pa.array(np.arange(0, len(cells), step))) if step > 1 else cells

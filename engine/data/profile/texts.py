"""Statistics of text columns; the kind of text is detected from a sample of the cells."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.core.diagnostic import DiagnosticError
from engine.data.encoders.labels import FALSE_WORDS, TRUE_WORDS
from engine.data.profile.dates import date_statistics
from engine.data.profile.distribution import compute_histogram, summarize
from engine.data.profile.labels import ValueCounts, drop_missing, value_counts
from engine.data.profile.numbers import SMALL_COLUMN_ROWS, number_statistics
from engine.data.profile.statistics import NUMBER_TEXTS, ColumnContent, ColumnKind, ColumnStatistics
from engine.data.readers.image_folder import IMAGE_EXTENSIONS
from engine.data.table.column_types import TextArray, to_bool_array
from engine.data.table.date_parser import DateFormatCounter, non_date_words, parse_dates
from engine.data.table.number_parser import (
    DECIMAL_COMMA_HINT,
    missing_number_mask,
    non_number_words,
    parse_numbers,
    parse_numbers_leniently,
    try_cast_numbers,
    with_decimal_point,
)
from engine.data.table.row_numbers import affected_rows
from engine.recipe.csv_dialect import DecimalSign

TYPE_SAMPLE_SIZE = 2_000  # the number of cells from which the kind of text is detected
MAX_COUNTED_CELLS = 200_000  # the maximum number of cells whose words are counted
SEPARATORS = ("|", ";", ",")
_IMAGE_ENDINGS = "|".join(re.escape(ending[1:]) for ending in sorted(IMAGE_EXTENSIONS))
_IMAGE_PATH = rf"(?i)\.({_IMAGE_ENDINGS})$"
_ITEM_SEPARATOR = r"[\s,;]"
MAX_LABEL_WORDS = 3.0  # the maximum mean number of words in labels
MAX_CATEGORIES = 1_000  # the maximum number of categories


def text_statistics(
    name: str, cells: TextArray, content: ColumnContent, decimal: DecimalSign | None
) -> ColumnStatistics:
    """Return the statistics of a text column, which may hold numbers, dates, labels or text.

    Args:
        content: the content of the column.
        decimal: the decimal sign of the table; None detects it in the cells.
    """
    numbers = try_cast_numbers(cells, decimal)
    if numbers is not None:
        return number_statistics(name, numbers, content, _examples(cells))
    if content in NUMBER_TEXTS:
        return _numbers(name, cells, content, decimal)
    if content == "date texts":
        return _dates(name, cells, content)
    return _labels(name, cells, content)


def _examples(present: TextArray) -> tuple[str, ...]:
    return value_counts(present[:MAX_COUNTED_CELLS]).examples()


def _numbers(
    name: str, cells: TextArray, content: ColumnContent, decimal: DecimalSign | None
) -> ColumnStatistics:
    examples = _examples(drop_missing(cells, missing_number_mask(cells)))
    try:
        values, notes = parse_numbers(cells, name, decimal)
        if decimal == "," or notes:
            statistics = number_statistics(
                name, values, content, tuple(map(with_decimal_point, examples))
            )
            return statistics.model_copy(update={"commas": True})
        return number_statistics(name, values, content, examples)
    except DiagnosticError as error:
        (diagnostic,) = error.diagnostics
        values = parse_numbers_leniently(cells, decimal)
        rows = affected_rows(np.isnan(values) & ~missing_number_mask(cells))
        has_commas = diagnostic.found.endswith(DECIMAL_COMMA_HINT)
        reason = " where others have points" if has_commas else " can't be read as a number"
        fault = f"{diagnostic.found}{reason} ({rows.count_text}, counting from 0)"
        statistics = number_statistics(name, values, content, examples, fault)
        words, fix = non_number_words(cells), diagnostic.fixes[0].text * has_commas
        return statistics.model_copy(update={"strange": words, "mend": fix})


def _dates(name: str, cells: TextArray, content: ColumnContent) -> ColumnStatistics:
    is_missing = missing_number_mask(cells)
    present = drop_missing(cells, is_missing)
    formats = DateFormatCounter()
    formats.add(_evenly_spaced(present, TYPE_SAMPLE_SIZE))
    dates = parse_dates(cells, formats.best_format)
    rows = affected_rows(np.isnat(dates) & ~is_missing)
    fault, words = "", tuple[str, ...]()
    if rows.count:
        first = f"{str(cells[rows.numbers[0]])[:40]!r} {rows.first_text}"
        fault = f"{first} can't be read as a date ({rows.count_text}, counting from 0)"
        words = non_date_words(cells, formats.best_format)
    elif formats.is_ambiguous:
        fault = "the order of day and month is ambiguous"
    statistics = date_statistics(name, dates, content, _examples(present), fault)
    return statistics.model_copy(update={"strange": words})


def _labels(name: str, cells: TextArray, content: ColumnContent) -> ColumnStatistics:
    rows, has_ids = len(cells), content == "id list texts"
    present = drop_missing(cells, missing_number_mask(cells))
    sample = _evenly_spaced(present, TYPE_SAMPLE_SIZE)
    labels = value_counts(present)
    word_counts = _word_counts(_evenly_spaced(present, MAX_COUNTED_CELLS))
    separator = "" if has_ids else _separator(sample)
    kind: ColumnKind = "list"
    if not separator:
        kind = _kind(rows, present, sample, labels, word_counts, has_ids)
    if kind not in ("text", "id sequence"):
        word_counts = word_counts[:0]  # counts are only shown for text and ids
    if separator:
        labels = value_counts(_split_cells(present, separator))
    return ColumnStatistics(
        name=name,
        kind=kind,
        content=content,
        rows=rows,
        missing=rows - len(present),
        distinct=len(labels.texts),
        spread=summarize(word_counts),
        histogram=compute_histogram(word_counts, np.unique(word_counts)),
        top=labels.top() if kind in ("category", "boolean", "list", "constant") else (),
        separator=separator,
        examples=_examples(present),
    )


def _kind(
    rows: int,
    present: TextArray,
    sample: TextArray,
    labels: ValueCounts,
    word_counts: NDArray[Any],
    has_ids: bool,
) -> ColumnKind:
    distinct_count = len(labels.texts)
    if not distinct_count or (distinct_count == 1 and len(present) == rows):
        return "constant"
    if _match_fraction(sample, _IMAGE_PATH) > 0.9:
        return "image path"
    if has_ids and _match_fraction(sample, _ITEM_SEPARATOR) > 0.5:
        return "id sequence"
    if distinct_count == 2 and _is_yes_no(labels.texts.to_pylist()):
        return "boolean"
    if distinct_count == len(present) > SMALL_COLUMN_ROWS and _match_fraction(sample, r"\s") < 0.1:
        return "identifier"
    is_short = float(word_counts.mean()) <= MAX_LABEL_WORDS
    repeats = distinct_count <= max(SMALL_COLUMN_ROWS, min(MAX_CATEGORIES, len(present) // 2))
    return "category" if repeats and (is_short or 2 * distinct_count <= len(present)) else "text"


def _is_yes_no(texts: list[str]) -> bool:
    words = {text.lower() for text in texts}
    return len(words & TRUE_WORDS) == len(words & FALSE_WORDS) == 1


def _separator(sample: TextArray) -> str:
    """Return the separator of labels within a cell, "" if cells don't hold several labels.

    Cells hold several labels if at least 30 % of the cells contain the separator, and if the labels
    are short and occur several times, in different combinations.
    """
    for separator in SEPARATORS:
        if _match_fraction(sample, re.escape(separator)) < 0.3:
            continue
        labels = _split_cells(sample, separator)
        of_distinct = _split_cells(pc.unique(sample), separator)
        repeats = 2 * len(pc.unique(labels)) <= len(labels)
        repeats = repeats and len(pc.unique(of_distinct)) < len(of_distinct)
        if repeats and float(_word_counts(labels).max(initial=0)) <= MAX_LABEL_WORDS:
            return separator
    return ""


def _split_cells(cells: TextArray, separator: str) -> TextArray:
    return pc.utf8_trim_whitespace(pc.list_flatten(pc.split_pattern(cells, separator)))


def _match_fraction(cells: TextArray, pattern: str) -> float:
    return (
        float(to_bool_array(pc.match_substring_regex(cells, pattern)).mean()) if len(cells) else 0.0
    )


def _word_counts(cells: TextArray) -> NDArray[Any]:
    return np.asarray(pc.count_substring_regex(cells, r"\S+").to_numpy(zero_copy_only=False))


def _evenly_spaced(cells: TextArray, limit: int) -> TextArray:
    """Return at most `limit` cells, which are evenly spaced over the column."""
    step = -(-len(cells) // limit)
    return cells.take(pa.array(np.arange(0, len(cells), step))) if step > 1 else cells

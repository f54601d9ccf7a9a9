"""Facts of cells of text: what they are is told by what most of them look like."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import DiagnosticError
from engine.data.encoders.ids import PATTERN as IDS
from engine.data.encoders.labels import NO_WORDS, YES_WORDS
from engine.data.profile.dates import date_facts
from engine.data.profile.distribution import histogram_of, spread_of
from engine.data.profile.labels import Counted, counted, without
from engine.data.profile.numbers import FEW, number_facts
from engine.data.profile.statistics import ColumnKind, ColumnStatistics
from engine.data.readers.image_folder import IMAGE_EXTENSIONS
from engine.data.table.column_types import TextArray, to_bool_array
from engine.data.table.date_parser import DateFormatCounter, non_date_words, parse_dates
from engine.data.table.lazy_arrow import pa, pc
from engine.data.table.number_parser import (
    DECIMAL_COMMA_HINT,
    is_mostly_numbers,
    missing_number_mask,
    non_number_words,
    parse_numbers,
    parse_numbers_leniently,
    with_decimal_point,
)
from engine.data.table.row_numbers import format_row_count as rows_counted
from engine.recipe.csv_dialect import Decimal

SAMPLE = 2_000  # cells, spread over all rows, that tell what most of them look like
MEASURED = 200_000  # cells whose words are counted
SEPARATORS = ("|", ";", ",")
_PICTURE = (
    r"(?i)\.(" + "|".join(re.escape(ending[1:]) for ending in sorted(IMAGE_EXTENSIONS)) + ")$"
)
_SEVERAL = r"[\s,;]"
_WORD = r"\S+"
FEW_WORDS = 3.0
MANY_LABELS = 1_000


def text_facts(name: str, cells: TextArray, decimal: Decimal | None) -> ColumnStatistics:
    """Return the facts of a column of text.

    Args:
        name: of the column.
        cells: as they stand in the table.
        decimal: the decimal sign of the table's numbers, None if each column tells its own.
    """
    absent = missing_number_mask(cells)
    filled = without(cells, absent)
    if is_mostly_numbers(cells):
        return _numbers(name, cells, filled, decimal)
    sample = _spread(filled, SAMPLE)
    seen = DateFormatCounter()
    seen.add(sample)
    if seen.best_fraction > 0.5:
        return _dates(name, cells, absent, seen)
    return _labels(name, len(cells), filled, sample)


def _numbers(
    name: str, cells: TextArray, filled: TextArray, decimal: Decimal | None
) -> ColumnStatistics:
    examples = counted(filled[:MEASURED]).examples()
    try:
        values, notes = parse_numbers(cells, name, decimal)
        if decimal == "," or notes:
            known = number_facts(name, values, tuple(map(with_decimal_point, examples)))
            return known.model_copy(update={"commas": True})
        return number_facts(name, values, examples)
    except DiagnosticError as refused:
        (found,) = refused.diagnostics
        values = parse_numbers_leniently(cells, decimal)
        bad = np.isnan(values) & ~missing_number_mask(cells)
        commas = found.found.endswith(DECIMAL_COMMA_HINT)
        why = " where others have points" if commas else " can't be read as a number"
        fault = f"{found.found}{why} ({rows_counted(bad)}, counting from 0)"
        known = number_facts(name, values, examples, fault)
        told = {"strange": non_number_words(cells, decimal), "mend": found.fixes[0].text * commas}
        return known.model_copy(update=told)


def _dates(
    name: str, cells: TextArray, absent: NDArray[np.bool_], seen: DateFormatCounter
) -> ColumnStatistics:
    dates = parse_dates(cells, seen.best_format)
    bad = np.isnat(dates) & ~absent
    fault, strange = "", tuple[str, ...]()
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        found = f"{str(cells[row])[:40]!r} in row {row}"
        fault = f"{found} can't be read as a date ({rows_counted(bad)}, counting from 0)"
        strange = non_date_words(cells, seen.best_format)
    elif seen.is_ambiguous:
        fault = "whether the day or the month comes first can't be told"
    known = date_facts(name, dates, counted(without(cells, absent)[:MEASURED]).examples(), fault)
    return known.model_copy(update={"strange": strange})


def _labels(name: str, rows: int, filled: TextArray, sample: TextArray) -> ColumnStatistics:
    labels = counted(filled)
    words = _words(_spread(filled, MEASURED))
    separator = _separator(sample)
    kind: ColumnKind = "list" if separator else _kind(rows, filled, sample, labels, words)
    measured = kind in ("text", "id sequence")
    if separator:
        labels = counted(_parts(filled, separator))
    return ColumnStatistics(
        name=name,
        kind=kind,
        rows=rows,
        missing=rows - len(filled),
        distinct=len(labels.texts),
        spread=spread_of(words) if measured else None,
        histogram=histogram_of(words, np.unique(words)) if measured else None,
        top=labels.top() if kind in ("category", "boolean", "list", "constant") else (),
        separator=separator,
        examples=counted(filled[:MEASURED]).examples(),
    )


def _kind(
    rows: int, filled: TextArray, sample: TextArray, labels: Counted, words: NDArray[Any]
) -> ColumnKind:
    different = len(labels.texts)
    if not different or (different == 1 and len(filled) == rows):
        return "constant"
    if _share(sample, _PICTURE) > 0.9:
        return "image path"
    if _share(sample, IDS) > 0.5 and _share(sample, _SEVERAL) > 0.5:
        return "id sequence"
    if different == 2 and _yes_or_no(labels.texts.to_pylist()):
        return "boolean"
    if different == len(filled) > FEW and _share(sample, r"\s") < 0.1:
        return "identifier"
    short = float(words.mean()) <= FEW_WORDS
    again = different <= max(FEW, min(MANY_LABELS, len(filled) // 2))
    return "category" if again and (short or 2 * different <= len(filled)) else "text"


def _yes_or_no(texts: list[str]) -> bool:
    words = {text.lower() for text in texts}
    return len(words & YES_WORDS) == len(words & NO_WORDS) == 1


def _separator(sample: TextArray) -> str:
    """Return the sign between several labels in one cell, "" if the cells are no such lists.

    In such lists a label stands beside others in one cell, and beside again others in the next.
    """
    if _share(sample, IDS) > 0.5:
        return ""
    for sign in SEPARATORS:
        if _share(sample, re.escape(sign)) < 0.3:
            continue
        parts = _parts(sample, sign)
        mixed = _parts(pc.unique(sample), sign)
        again = 2 * len(pc.unique(parts)) <= len(parts) and len(pc.unique(mixed)) < len(mixed)
        if again and float(_words(parts).max(initial=0)) <= FEW_WORDS:
            return sign
    return ""


def _parts(cells: TextArray, separator: str) -> TextArray:
    return pc.utf8_trim_whitespace(pc.list_flatten(pc.split_pattern(cells, separator)))


def _share(cells: TextArray, pattern: str) -> float:
    return (
        float(to_bool_array(pc.match_substring_regex(cells, pattern)).mean()) if len(cells) else 0.0
    )


def _words(cells: TextArray) -> NDArray[Any]:
    return np.asarray(pc.count_substring_regex(cells, _WORD).to_numpy(zero_copy_only=False))


def _spread(cells: TextArray, most: int) -> TextArray:
    """Return at most so many cells, from all parts of a column."""
    step = -(-len(cells) // most)
    return cells.take(pa.array(np.arange(0, len(cells), step))) if step > 1 else cells

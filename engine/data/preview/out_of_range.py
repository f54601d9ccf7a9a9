"""Warnings for input values outside the range seen in training, where predictions are unreliable.

The warnings are shown next to the input field. They are never raised as errors because a network
accepts any number.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from engine.check.report import Report
from engine.data.encoders import (
    CategoryEncoder,
    DateEncoder,
    Encoder,
    NumberEncoder,
    TextEncoder,
    column_encoders,
)
from engine.data.encoders.date import read_dates
from engine.data.encoders.labels import format_labels
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.table.column_types import Column, is_any_of, is_date, is_number, is_text
from engine.data.table.date_parser import DATE_FORMATS
from engine.data.table.number_parser import detect_number_form, read_numbers
from engine.data.table.table import Table

_MARGIN = 0.1  # values may exceed the training range by this fraction of it without a warning
_OUT_OF_RANGE, _IN_TRAINING = "Out of range", "in the training rows"
_NO_KNOWN_WORD = "None of these words is in the vocabulary"


def encoders_by_column(
    report: Report, fitted: FittedEncoders
) -> Iterator[tuple[str, str, Encoder | None]]:
    """Yield (Input name, column name, encoder) for each feature column.

    If the Input has no fitted encoder, the encoder is None. If several columns share one
    NumberEncoder, each column gets a copy that holds only the training range of this column.
    """
    assert report.mapping is not None, "the run's own graph has no errors"
    for port in report.input_specs():
        names = report.mapping.source("inputs", port).column_names
        encoders = column_encoders(fitted.inputs.get(port), len(names))
        for name, encoder in zip(names, encoders, strict=True):
            yield port, name, encoder


def training_range(encoder: Encoder | None) -> str:
    """Return the range of a column in training as text, such as "1 to 9"; "" if it is not known."""
    match encoder:
        case NumberEncoder(low=(low,), high=(high,)):
            return f"{low:.6g}" if low == high else f"{low:.6g} to {high:.6g}"
        case DateEncoder(first=first, last=last) if first:
            return f"{_format_day(first, encoder.form)} to {_format_day(last, encoder.form)}"
    return ""


def date_example(encoder: DateEncoder) -> str:
    """Return "such as" and a date in the column's format: the last training date, or an example."""
    form = DATE_FORMATS[encoder.form or "iso"]
    return f"such as {_format_day(encoder.last, encoder.form) if encoder.last else form.example}"


def _format_day(day: str, form: str) -> str:
    return DATE_FORMATS[form or "iso"].format_date(date.fromisoformat(day))


def out_of_range_warnings(report: Report, fitted: FittedEncoders, row: Table) -> dict[str, str]:
    """Return a mapping from columns to warnings about values outside the range seen in training.

    Columns without a warning are left out. `row` is a table of one row that the encoders can read.
    Warnings have no trailing period.
    """
    warnings = {}
    for _, name, encoder in encoders_by_column(report, fitted):
        if name in row.columns and (warning := _column_warning(encoder, name, row)):
            warnings[name] = warning
    return warnings


def _column_warning(encoder: Encoder | None, name: str, row: Table) -> str:
    column = row.columns[name]
    match encoder:
        case NumberEncoder(low=(_, *_)):
            return _number_warning(encoder, name, row)
        case DateEncoder(first=first) if first:
            return _date_warning(encoder, column, name)
        case CategoryEncoder() if encoder.other or encoder.ignore:
            return _label_warning(encoder, column)
        case TextEncoder(unit="word"):
            return _word_warning(encoder, column)
    return ""


def _number_warning(encoder: NumberEncoder, name: str, row: Table) -> str:
    column = row.columns[name]
    if is_text(column):
        detected = detect_number_form(column, row.number_form_counter())
        column = read_numbers(column, encoder.forms[0] if encoder.forms else detected.form)
    if not is_number(column):
        return ""
    low, high = np.array(encoder.low), np.array(encoder.high)
    values = np.asarray(column, np.float64).reshape(-1, len(low))
    margin = (high - low) * _MARGIN
    is_outside = ((values < low - margin) | (values > high + margin)).any(axis=0)
    if not is_outside.any():
        return ""
    if len(low) == 1:
        return f"{_OUT_OF_RANGE}: {training_range(encoder)} {_IN_TRAINING}"
    return f"{_OUT_OF_RANGE}: {int(is_outside.sum()):,} of {len(low):,} numbers"


def _date_warning(encoder: DateEncoder, column: Column, name: str) -> str:
    day = (column if is_date(column) else read_dates(column, encoder.form, name))[0]
    first, last = np.datetime64(encoder.first), np.datetime64(encoder.last)
    margin = (last - first) * _MARGIN
    if np.isnat(day) or first - margin <= day.astype("datetime64[D]") <= last + margin:
        return ""
    return f"{_OUT_OF_RANGE}: {training_range(encoder)} {_IN_TRAINING}"


def _label_warning(encoder: CategoryEncoder, column: Column) -> str:
    if not is_text(column) or column[0].as_py() in ("", *encoder.labels):
        return ""
    counts_as = encoder.labels[-1] if encoder.other else "none of the labels"
    return f"Treated as {counts_as}: not {_IN_TRAINING}"


def _word_warning(encoder: TextEncoder, column: Column) -> str:
    from engine.data.encoders.tokenizer import split_words

    tokens = split_words(column, encoder.lower).values
    is_known = is_any_of(tokens, encoder.vocabulary)
    unknown = tokens.filter(~is_known).unique().to_pylist()
    if not unknown:
        return ""
    return f"Unknown words: {format_labels(unknown)}" if is_known.any() else _NO_KNOWN_WORD

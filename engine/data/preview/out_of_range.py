"""What a row holds that lies far from all that the encoders have seen: an answer to it is a guess.

It is told beside the cell and refused nowhere, since a network answers any number.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.check.report import Report
from engine.data.encoders import Beside, Category, Date, Encoder, Number, Text
from engine.data.encoders.date import read
from engine.data.encoders.labels import listed
from engine.data.encoders.tokenizer import words
from engine.data.preprocessing.fitted_encoders import Fitted
from engine.data.readers.table import Table
from engine.data.table.column_types import TEXT, Column, flags, is_date, is_number, is_text
from engine.data.table.date_parser import FORMS
from engine.data.table.lazy_arrow import pa, pc
from engine.data.table.number_parser import parse_numbers
from engine.recipe.csv_dialect import Decimal

Array = NDArray[Any]
_FAR = 0.1  # of the range that was seen; what is less far beyond it is like the rest
_OFF, _SEEN = "Far off", "in the rows trained on"
_NO_WORD = "It knows none of these words"


def encoders_by_column(report: Report, fitted: Fitted) -> Iterator[tuple[str, str, Encoder | None]]:
    """Yield each column that an Input reads: the Input, the column, what encodes it.

    Several columns that are scaled alike share an encoder; each gets its own part of it.
    """
    assert report.mapping is not None, "the run's own graph has no errors"
    for port in report.input_specs():
        names = report.mapping.source("inputs", port).names
        encoder = fitted.inputs.get(port)
        for place, name in enumerate(names):
            yield port, name, _part(encoder, place, len(names))


def _part(encoder: Encoder | None, place: int, count: int) -> Encoder | None:
    if isinstance(encoder, Beside):
        own: Encoder = encoder.parts[place]
        return own
    if isinstance(encoder, Number) and count > 1:
        low, high = (each[place : place + 1] for each in (encoder.low, encoder.high))
        return encoder.model_copy(update={"low": low, "high": high})
    return encoder


def span(encoder: Encoder | None) -> str:
    """Return from where to where a column went while it was fitted, "" where that is not known."""
    match encoder:
        case Number(low=(low,), high=(high,)):
            return f"{low:.6g}" if low == high else f"{low:.6g} to {high:.6g}"
        case Date(first=first, last=last) if first:
            return f"{_day(first, encoder.form)} to {_day(last, encoder.form)}"
    return ""


def example(encoder: Date) -> str:
    """Return a date of the rows trained on, written as they are."""
    form = FORMS[encoder.form or "iso"]
    return f"such as {_day(encoder.last, encoder.form) if encoder.last else form.example}"


def _day(day: str, form: str) -> str:
    return FORMS[form or "iso"].write(date.fromisoformat(day))


def beyond(report: Report, fitted: Fitted, row: Table) -> dict[str, str]:
    """Return by column what is far from the rows trained on, a sentence without its full stop.

    Args:
        report: of the run's graph.
        fitted: the encoders that travel with it.
        row: one row, which they can read.
    """
    found = {}
    for _, name, encoder in encoders_by_column(report, fitted):
        if name in row.columns and (told := _told(encoder, row.columns[name], name, row.decimal)):
            found[name] = told
    return found


def _told(encoder: Encoder | None, column: Column, name: str, decimal: Decimal | None) -> str:
    match encoder:
        case Number(low=(_, *_)):
            return _number(encoder, column, name, decimal)
        case Date(first=first) if first:
            return _date(encoder, column, name)
        case Category(other=True):
            return _label(encoder, column)
        case Text(unit="word"):
            return _words(encoder, column)
    return ""


def _number(encoder: Number, column: Column, name: str, decimal: Decimal | None) -> str:
    if is_text(column):
        column = parse_numbers(column, name, decimal, False)[0]
    if not is_number(column):
        return ""
    low, high = np.array(encoder.low), np.array(encoder.high)
    values = np.asarray(column, np.float64).reshape(-1, len(low))
    room = (high - low) * _FAR
    far = ((values < low - room) | (values > high + room)).any(axis=0)
    if not far.any():
        return ""
    if len(low) == 1:
        return f"{_OFF}: {span(encoder)} {_SEEN}"
    return f"{_OFF}: {int(far.sum()):,} of {len(low):,} numbers are like none {_SEEN}"


def _date(encoder: Date, column: Column, name: str) -> str:
    day = (column if is_date(column) else read(column, encoder.form, name))[0]
    first, last = np.datetime64(encoder.first), np.datetime64(encoder.last)
    room = (last - first) * _FAR
    if np.isnat(day) or first - room <= day.astype("datetime64[D]") <= last + room:
        return ""
    return f"{_OFF}: {span(encoder)} {_SEEN}"


def _label(encoder: Category, column: Column) -> str:
    if not is_text(column) or column[0].as_py() in ("", *encoder.labels):
        return ""
    return f"Counts as {encoder.labels[-1]}: it is not {_SEEN}"


def _words(encoder: Text, column: Column) -> str:
    """Name the words that have no id of their own; all of them count as one unknown word."""
    said = words(column, encoder.lower).values
    known = flags(pc.is_in(said, value_set=pa.array(encoder.vocabulary, TEXT)))
    strange = list(dict.fromkeys(said.filter(pa.array(~known)).to_pylist()))
    if not strange:
        return ""
    return f"Words that it does not know: {listed(strange)}" if known.any() else _NO_WORD

"""Texts as dates: ISO and the common national forms, strictly, and never by guessing.

3/4/2024 is the third of April in Paris and the fourth of March in New York. Which it is, only rows
where one number is above 12 can tell; if there are none, the person is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table.column_types import Text
from engine.data.table.lazy_arrow import pa, pc
from engine.data.table.number_parser import few_words, missing_numbers

Array = NDArray[Any]
UNIT = "datetime64[us]"
MISSING = np.datetime64("NaT", "us")
_FIRST = np.datetime64("0001-01-01", "us")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_NAMES = "(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_TIME = (
    r"(?:(?:[T\s]|,\s*)\s*(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?"
    r"\s*(?P<half>[AaPp][Mm])?\s*(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_D, _M, _Y = "(?P<day>[0-9]{1,2})", "(?P<month>[0-9]{1,2})", "(?P<year>[0-9]{4})"


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing dates.

    Args:
        pattern: in the words of RE2, with a named group for each part.
        written: how one is written of `y`, `m`, `d`, and `name` for the month in words.
    """

    pattern: str
    written: str

    def write(self, day: date) -> str:
        """Return a day in this form."""
        name = _NAMED[day.month - 1]
        return self.written.format(y=day.year, m=day.month, d=day.day, name=name)

    @property
    def example(self) -> str:
        """The second of March 2024."""
        return self.write(date(2024, 3, 2))


def _form(body: str, written: str) -> Form:
    return Form(f"(?i)^{body}{_TIME}$", written)


_SLASHES = "[/-]"
# Told apart by their signs, so that a cell fits one of them only; but for the two with slashes.
FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "iso": _form(f"{_Y}-{_M}-{_D}", "{y:04}-{m:02}-{d:02}"),
        "year first": _form(f"{_Y}[/.]{_M}[/.]{_D}", "{y:04}/{m:02}/{d:02}"),
        "compact": _form(
            "(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})", "{y:04}{m:02}{d:02}"
        ),
        "dots": _form(rf"{_D}\.\s?{_M}\.\s?{_Y}", "{d}.{m}.{y:04}"),
        "day first": _form(f"{_D}{_SLASHES}{_M}{_SLASHES}{_Y}", "{d}/{m}/{y:04}"),
        "month first": _form(f"{_M}{_SLASHES}{_D}{_SLASHES}{_Y}", "{m}/{d}/{y:04}"),
        "day and name": _form(rf"{_D}[\s.-]*{_NAMES}[\s.,-]*{_Y}", "{d} {name} {y:04}"),
        "name and day": _form(
            rf"{_NAMES}[\s.]*{_D}(?:st|nd|rd|th)?[\s,]+{_Y}", "{name} {d}, {y:04}"
        ),
    }
)
AMBIGUOUS = ("day first", "month first")


def parse(cells: Text, form: str) -> Array:
    """Return each cell's date in this form, NaT where it has another one or is no date.

    A zone is reckoned in: what comes out is the time in Greenwich, as in a Parquet file.
    """
    encoded = cells.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return _parse(encoded.dictionary, form)[codes] if len(codes) else np.zeros(0, UNIT)


def _parse(cells: Text, form: str) -> Array:
    """Return the dates of different texts; days come again and again, so these are few."""
    filled = np.asarray(pc.binary_length(cells).to_numpy(zero_copy_only=False)) > 0
    there = cells if filled.all() else cells.filter(pa.array(filled))
    dates = _cast(there) if form == "iso" else None
    answer: Array = np.full(len(cells), MISSING, UNIT)
    answer[filled] = _matched(there, form) if dates is None else dates
    return answer


def _cast(cells: Text) -> Array | None:
    """Return ISO dates, or None if some cells may hold none.

    Why: this takes a twentieth of the time of a pattern, and reads nothing that the pattern does
    not, but for the year 0.
    """
    try:
        dates: Array = pc.cast(cells, pa.timestamp("us")).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return None if len(dates) and dates.min() < _FIRST else dates


def _matched(cells: Text, form: str) -> Array:
    found = pc.extract_regex(cells, FORMS[form].pattern)
    fits = np.asarray(pc.is_valid(found).to_numpy(zero_copy_only=False), np.bool_)
    answer: Array = np.full(len(cells), MISSING, UNIT)
    if fits.any():
        answer[fits] = _Parts(found.filter(pa.array(fits))).dates()
    return answer


class _Parts:
    """The parts of dates that fit a form."""

    def __init__(self, found: pa.StructArray) -> None:
        self._found = found
        self._names = [field.name for field in found.type]

    def dates(self) -> Array:
        year, month, day = self._number("year"), self._month(), self._number("day")
        valid = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1)
        months = (year - 1970) * 12 + np.where(valid, month, 1) - 1
        first = months.astype("datetime64[M]")
        days = first.astype("datetime64[D]") + (day - 1)
        valid &= days.astype("datetime64[M]") == first
        clock, ticks = self._clock()
        moments = days.astype(UNIT) + clock
        return np.asarray(np.where(valid & ticks, moments, MISSING))

    def _month(self) -> Array:
        if "name" not in self._names:
            return self._number("month")
        names = pc.utf8_lower(self._text("name"))
        places = pc.index_in(names, value_set=pa.array(MONTHS, names.type))
        return np.asarray(pc.fill_null(places, -1).to_numpy(zero_copy_only=False), np.int64) + 1

    def _clock(self) -> tuple[Array, Array]:
        """Return the time since midnight in Greenwich, and whether it is one of a clock."""
        hour, minute, second = (self._number(each) for each in ("hour", "minute", "second"))
        valid = (hour < 24) & (minute < 60) & (second < 60)
        half = pc.utf8_lower(self._text("half"))
        after, before = (_true(pc.equal(half, each)) for each in ("pm", "am"))
        valid &= ~(after | before) | ((hour >= 1) & (hour <= 12))
        hour = np.where(after | before, hour % 12 + np.where(after, 12, 0), hour)
        digits = pc.utf8_rpad(self._text("fraction"), width=6, padding="0")
        micro = _whole(pc.utf8_slice_codeunits(digits, 0, 6))
        seconds = (hour * 60 + minute) * 60 + second - 60 * self._zone()
        return (seconds * 1_000_000 + micro).astype("timedelta64[us]"), valid

    def _zone(self) -> Array:
        """Return how many minutes the zone is ahead of Greenwich."""
        zone = pc.replace_substring(self._text("zone"), ":", "")
        numbers = _whole(pc.replace_substring_regex(zone, "^(Z|z)?$", "0"))
        ahead = np.abs(numbers)
        return np.asarray(np.sign(numbers) * (ahead // 100 * 60 + ahead % 100))

    def _text(self, name: str) -> Any:
        return self._found.field(self._names.index(name))

    def _number(self, name: str) -> Array:
        return _whole(self._text(name))


def _whole(cells: Any) -> Array:
    """Return digits as numbers, 0 where there are none."""
    filled = pc.if_else(pc.equal(pc.binary_length(cells), 0), "0", cells)
    plain = pc.replace_substring_regex(filled, r"^\+", "")
    return np.asarray(pc.cast(plain, pa.int64()).to_numpy(zero_copy_only=False))


def _true(mask: Any) -> NDArray[np.bool_]:
    return np.asarray(mask.to_numpy(zero_copy_only=False), np.bool_)


class Seen:
    """Which forms the cells so far have, chunk by chunk."""

    def __init__(self) -> None:
        self.cells = 0
        self.fitting = dict.fromkeys(FORMS, 0)
        self._last = "iso"

    def add(self, cells: Text) -> None:
        """Take the next cells in, none of them missing."""
        encoded = cells.dictionary_encode()
        times = np.bincount(
            encoded.indices.to_numpy(zero_copy_only=False), minlength=len(encoded.dictionary)
        )
        self.cells += len(cells)
        left = encoded.dictionary
        for form in sorted(FORMS, key=lambda form: form != self._last):
            if form == AMBIGUOUS[1] or not len(left):
                continue
            fits = self._count(left, times, form)
            if form == AMBIGUOUS[0]:
                fits |= self._count(left, times, AMBIGUOUS[1])
            if fits.any():
                self._last = form
                left, times = left.filter(pa.array(~fits)), times[~fits]

    def _count(self, texts: Text, times: NDArray[np.int64], form: str) -> NDArray[np.bool_]:
        """Count the cells that have a form, and answer which texts do."""
        fits = ~np.isnat(_parse(texts, form))
        self.fitting[form] += int(times[fits].sum())
        return fits

    @property
    def best(self) -> str:
        """The form that most cells have."""
        return max(FORMS, key=lambda form: self.fitting[form])

    @property
    def ambiguous(self) -> bool:
        """True if the best form is one of two that fit equally many."""
        day, month = (self.fitting[form] for form in AMBIGUOUS)
        return self.best in AMBIGUOUS and day == month

    @property
    def share(self) -> float:
        """The share of cells that have the best form."""
        return self.fitting[self.best] / self.cells if self.cells else 0.0


def strange_dates(cells: Text, form: str = "") -> tuple[str, ...]:
    """Return the texts among dates that are none, () if they are many or long.

    What is written in another form is a date and no such word.

    Args:
        cells: the column.
        form: of its dates; empty for the one that most of them have.
    """
    filled = cells.filter(pa.array(~missing_numbers(cells)))
    if not form:
        seen = Seen()
        seen.add(filled)
        form = seen.best
    texts = filled.unique()
    for each in (form, *FORMS):  # most are gone after the first
        texts = texts.filter(pa.array(np.isnat(parse(texts, each))))
    return few_words(texts.to_pylist())


def mostly_dates(cells: Text) -> bool:
    """Return whether more than half of the cells, none of them missing, are dates."""
    seen = Seen()
    seen.add(cells)
    return seen.share > 0.5

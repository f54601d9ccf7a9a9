"""Strictly parses text to dates, in the ISO format and common national formats.

3/4/2024 is 3 April in Paris and March 4 in New York. Only numbers above 12 show which format a
column has; without such numbers, the format is ambiguous and the user has to choose a format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.data.table.array import Array
from engine.data.table.column_types import (
    DATE_DTYPE,
    MISSING_DATE,
    TextArray,
    matches_pattern,
    missing_text_mask,
    value_counts,
)
from engine.data.table.number_form import missing_word_candidates
from engine.data.table.number_parser import missing_quantity_mask

_FIRST_DATE = np.datetime64("0001-01-01", "us")
_MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTHS = "|".join(name[:3].lower() for name in _MONTH_NAMES)
_NAME = f"(?P<name>{_MONTHS})[a-z]*"
# What all formats have in common: a number or a month at the start, and a year.
_LIKELY_DATE = f"(?is)^(?:[0-9]{{4}}|[0-9].*[0-9]{{4}}|(?:[0-9]+\\W*)?(?:{_MONTHS}).*[0-9]{{2}})"
_SHORT_DATE = "^[0-9].*[0-9]{2}"
_LATE_YEAR = r"[^0-9:](?:3[2-9]|[4-9][0-9])(?:[T\s,]|$)"  # two digits that are no day
_TIME = (
    r"(?:(?:[T\s]|,\s*)\s*(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?"
    r"\s*(?P<am_pm>[AaPp][Mm])?\s*(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_D, _M, _Y = "(?P<day>[0-9]{1,2})", "(?P<month>[0-9]{1,2})", "(?P<year>[0-9]{4})"
_SHORT_Y = "(?P<year>(?:[0-9]{2}){1,2})"  # two digits are the years 1969 to 2068, as in POSIX


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A format of dates.

    Args:
        pattern: an RE2 pattern with a named group for each part of a date.
        template: a `str.format` template of year `y`, month `m`, day `d` and month name `name`.
    """

    pattern: str
    template: str

    def format_date(self, day: date) -> str:
        """Return a date as text in this format."""
        name = _MONTH_NAMES[day.month - 1]
        return self.template.format(y=day.year, m=day.month, d=day.day, name=name)

    @property
    def example(self) -> str:
        """The date March 2, 2024 in this format."""
        return self.format_date(date(2024, 3, 2))


def _date_format(date_pattern: str, template: str) -> DateFormat:
    return DateFormat(f"(?i)^{date_pattern}{_TIME}$", template)


_SLASHES = "[/-]"
# A text matches at most one format, except for the two formats with slashes.
DATE_FORMATS: Mapping[str, DateFormat] = MappingProxyType(
    {
        "iso": _date_format(f"{_Y}-{_M}-{_D}", "{y:04}-{m:02}-{d:02}"),
        "year first": _date_format(f"{_Y}[/.]{_M}[/.]{_D}", "{y:04}/{m:02}/{d:02}"),
        "compact": _date_format(
            "(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})", "{y:04}{m:02}{d:02}"
        ),
        "dots": _date_format(rf"{_D}\.\s?{_M}\.\s?{_SHORT_Y}", "{d}.{m}.{y:04}"),
        "day first": _date_format(f"{_D}{_SLASHES}{_M}{_SLASHES}{_SHORT_Y}", "{d}/{m}/{y:04}"),
        "month first": _date_format(f"{_M}{_SLASHES}{_D}{_SLASHES}{_SHORT_Y}", "{m}/{d}/{y:04}"),
        "day and name": _date_format(rf"{_D}[\s.-]*{_NAME}[\s.,-]*{_SHORT_Y}", "{d} {name} {y:04}"),
        "name and day": _date_format(
            rf"{_NAME}[\s.]*{_D}(?:st|nd|rd|th)?[\s,]+{_SHORT_Y}", "{name} {d}, {y:04}"
        ),
    }
)
AMBIGUOUS_FORMATS = ("day first", "month first")


def parse_dates(cells: TextArray, format_name: str) -> Array:
    """Return the dates in cells, NaT for cells that do not match the format.

    `format_name` is a key of `DATE_FORMATS`. Times with a time zone are converted to UTC.
    """
    encoded = cells.dictionary_encode()
    # Parse each distinct text once, since dates often repeat.
    dates: Array = _parse(encoded.dictionary, format_name)[np.asarray(encoded.indices)]
    return dates


def _parse(cells: TextArray, format_name: str) -> Array:
    """Return the date in each text, NaT for empty and invalid texts.

    `format_name` is a key of `DATE_FORMATS`.
    """
    from engine.data.table.date_pattern import parse_date_pattern

    filled = ~missing_text_mask(cells)
    texts = cells if filled.all() else cells.filter(filled)
    parsed = _cast_iso(texts) if format_name == "iso" else None
    dates: Array = np.full(len(cells), MISSING_DATE, DATE_DTYPE)
    dates[filled] = (
        parse_date_pattern(texts, DATE_FORMATS[format_name].pattern) if parsed is None else parsed
    )
    return dates


def _cast_iso(cells: TextArray) -> Array | None:
    """Return the dates in ISO texts by a pyarrow cast, or None if the cast can't be used.

    The cast can't be used if it fails, or if any date is in the year 0 or earlier.
    Why: for later years, the cast accepts the same texts as the pattern of the format "iso" in
        `DATE_FORMATS`, and is 20 times as fast.
    """
    try:
        dates: Array = cells.cast("timestamp[us]").to_numpy(zero_copy_only=False)
    except ValueError:  # pyarrow.ArrowInvalid
        return None
    return None if len(dates) and dates.min() < _FIRST_DATE else dates


class DateFormatCounter:
    """Counts, chunk by chunk, how many cells match each date format."""

    def __init__(self) -> None:
        self.cell_count = 0
        self.match_counts = dict.fromkeys(DATE_FORMATS, 0)
        self._last_match = "iso"

    def add(self, cells: TextArray) -> None:
        """Count the formats of the next cells, none of which may be missing."""
        self.cell_count += len(cells)
        texts, counts = value_counts(cells)
        # One simple pattern, because most columns of text have no dates, and it takes more time to
        # compile the patterns of all formats than to match a short column.
        is_likely = matches_pattern(texts, _LIKELY_DATE)
        if matches_pattern(texts, _LATE_YEAR).any():  # else 23/11/05 may begin with the year
            is_likely |= matches_pattern(texts, _SHORT_DATE)
        texts, counts = texts.filter(is_likely), counts[is_likely]
        # Texts that match are dropped, so try the format of the last chunk first. Try the two
        # ambiguous formats together, since a text may match both.
        for name in sorted(DATE_FORMATS, key=lambda name: name != self._last_match):
            if name == AMBIGUOUS_FORMATS[1] or not len(texts):
                continue
            matches = self._count(texts, counts, name)
            if name == AMBIGUOUS_FORMATS[0]:
                matches |= self._count(texts, counts, AMBIGUOUS_FORMATS[1])
            if matches.any():
                self._last_match = name
                texts, counts = texts.filter(~matches), counts[~matches]

    def _count(self, texts: TextArray, counts: NDArray[np.int64], name: str) -> NDArray[np.bool_]:
        """Add the number of cells that match the format `name` to `match_counts`.

        `counts` has the number of cells with each text. Return, for each text, whether it matches.
        """
        matches = ~np.isnat(_parse(texts, name))
        self.match_counts[name] += int(counts[matches].sum())
        return matches

    @property
    def best_format(self) -> str:
        """The format that most cells match."""
        return max(DATE_FORMATS, key=self.match_counts.__getitem__)

    @property
    def is_ambiguous(self) -> bool:
        """Whether `best_format` is "day first", and "month first" matches just as many cells."""
        day, month = (self.match_counts[name] for name in AMBIGUOUS_FORMATS)
        return self.best_format in AMBIGUOUS_FORMATS and day == month

    @property
    def fault(self) -> str:
        """Why nearly all cells are dates, but no format reads them all, "" for other columns."""
        counts = {name: count for name, count in self.match_counts.items() if count}
        if set(AMBIGUOUS_FORMATS) <= counts.keys():  # most cells match both
            del counts[min(AMBIGUOUS_FORMATS, key=counts.__getitem__)]
        if len(counts) < 2 or 10 * sum(counts.values()) < 9 * self.cell_count:
            return ""
        examples = (DATE_FORMATS[name].example for name in counts)
        return f"its dates have several formats, such as {' and '.join(examples)}"

    @property
    def best_fraction(self) -> float:
        """The fraction of cells that match the best format."""
        return self.match_counts[self.best_format] / self.cell_count if self.cell_count else 0.0


def non_date_words(cells: TextArray, format_name: str = "") -> tuple[str, ...]:
    """Return the texts of a date column that match no date format, () if they are many or long.

    Such texts may stand for missing values. `format_name` is the likely format of the column, which
    is checked first to save time. If it is "", the format that most cells match is checked first.
    """
    filled = cells.filter(~missing_quantity_mask(cells))
    if not format_name:
        counter = DateFormatCounter()
        counter.add(filled)
        format_name = counter.best_format
    texts = filled.unique()
    for candidate in (format_name, *DATE_FORMATS):  # the first format removes most texts
        texts = texts.filter(np.isnat(parse_dates(texts, candidate)))
    return missing_word_candidates(texts.to_pylist())


def is_mostly_dates(cells: TextArray) -> bool:
    """Return whether more than half of the cells, none of which is missing, are dates."""
    counter = DateFormatCounter()
    counter.add(cells)
    return counter.best_fraction > 0.5

"""Reads the parts of dates in text by a regular expression, for `date_parser`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.data.table.array import Array
from engine.data.table.column_types import (
    DATE_DTYPE,
    MISSING_DATE,
    TextArray,
    to_bool_array,
    word_indices,
)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def parse_date_pattern(cells: TextArray, pattern: str) -> Array:
    """Return the date in each text, NaT for texts that do not match the pattern (RE2).

    The named groups of the pattern are the parts of a date, as in `date_parser.DATE_FORMATS`.
    """
    groups = pc.extract_regex(cells, pattern)
    matches = to_bool_array(pc.is_valid(groups))
    dates: Array = np.full(len(cells), MISSING_DATE, DATE_DTYPE)
    if matches.any():
        dates[matches] = _DateParts(groups.filter(matches)).dates()
    return dates


class _DateParts:
    """The texts of year, month, day, time and time zone of dates, as captured by a regex."""

    def __init__(self, groups: pa.StructArray) -> None:
        self._groups = groups
        self._names = [field.name for field in groups.type]

    def dates(self) -> Array:
        """Return the dates and times in UTC, NaT if a part is out of range."""
        year, month, day = self._year(), self._month(), self._number("day")
        valid = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1)
        month_count = (year - 1970) * 12 + np.where(valid, month, 1) - 1
        months = month_count.astype("datetime64[M]")
        days = months.astype("datetime64[D]") + (day - 1)
        valid &= days.astype("datetime64[M]") == months  # such as February 30
        time, is_valid_time = self._time()
        times = days.astype(DATE_DTYPE) + time
        return np.asarray(np.where(valid & is_valid_time, times, MISSING_DATE))

    def _year(self) -> Array:
        """Return the years; two digits are the years 1969 to 2068, as in POSIX."""
        year = self._number("year")
        is_short = np.asarray(pc.equal(pc.binary_length(self._text("year")), 2))
        return np.where(is_short, year + np.where(year < 69, 2000, 1900), year)

    def _month(self) -> Array:
        if "name" not in self._names:
            return self._number("month")
        names = pc.utf8_lower(self._text("name"))
        return word_indices(names, _MONTHS).astype(np.int64) + 1

    def _time(self) -> tuple[Array, Array]:
        """Return each date's UTC time since midnight (timedelta64[us]), and whether it is valid."""
        hour, minute, second = (self._number(name) for name in ("hour", "minute", "second"))
        valid = (hour < 24) & (minute < 60) & (second < 60)
        am_pm = pc.utf8_lower(self._text("am_pm"))
        is_pm, is_am = (to_bool_array(pc.equal(am_pm, name)) for name in ("pm", "am"))
        valid &= ~(is_pm | is_am) | ((hour >= 1) & (hour <= 12))
        hour = np.where(is_pm | is_am, hour % 12 + np.where(is_pm, 12, 0), hour)
        digits = pc.utf8_rpad(self._text("fraction"), width=6, padding="0")
        microseconds = _to_int(pc.utf8_slice_codeunits(digits, 0, 6))
        seconds = (hour * 60 + minute) * 60 + second - 60 * self._zone_offset()
        return (seconds * 1_000_000 + microseconds).astype("timedelta64[us]"), valid

    def _zone_offset(self) -> Array:
        """Return the offset of the time zone from UTC in minutes, such as 90 for +0130."""
        zone = pc.replace_substring(self._text("zone"), ":", "")
        digits = _to_int(pc.replace_substring_regex(zone, "^(Z|z)?$", "0"))
        size = np.abs(digits)
        return np.asarray(np.sign(digits) * (size // 100 * 60 + size % 100))

    def _text(self, name: str) -> Any:
        return self._groups.field(self._names.index(name))

    def _number(self, name: str) -> Array:
        return _to_int(self._text(name))


def _to_int(cells: Any) -> Array:
    """Return the integers in texts of digits, 0 for empty texts."""
    filled = pc.if_else(pc.equal(pc.binary_length(cells), 0), "0", cells)
    plain = pc.replace_substring_regex(filled, r"^\+", "")
    return np.asarray(pc.cast(plain, pa.int64()).to_numpy(zero_copy_only=False))

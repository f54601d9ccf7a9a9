"""Encodes dates as parts, such as the year; cyclic parts, such as the month, as sine and cosine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from pydantic import Field

from engine.core.diagnostic import diagnostic_error
from engine.data.encoders.base import ENCODERS, Encoder, Fitter, PortRequirement
from engine.data.encoders.streaming_statistics import StreamingMoments
from engine.data.table.array import Array
from engine.data.table.column_types import DATE_DTYPE, Column, TextArray, is_date
from engine.data.table.date_parser import (
    AMBIGUOUS_FORMATS,
    DATE_FORMATS,
    DateFormatCounter,
    parse_dates,
)
from engine.data.table.number_parser import missing_quantity_mask
from engine.data.table.row_numbers import affected_rows, cells_error
from engine.recipe import encoding
from engine.recipe.encoding import DATE_PERIODS, DatePart

_DAY = np.timedelta64(86_400_000_000, "us")
# The 3 in "weekday": 1970-01-01 was a Thursday, which is day 3 if Monday is day 0.
_PARTS: Mapping[DatePart, Callable[[Array], Array]] = MappingProxyType(
    {
        "year": lambda dates: _units_since(dates, "Y", None) + 1970,
        "month": lambda dates: _units_since(dates, "M", "Y"),
        "day": lambda dates: _units_since(dates, "D", "M"),
        "weekday": lambda dates: (_units_since(dates, "D", None) + 3) % 7,
        "yearday": lambda dates: _units_since(dates, "D", "Y"),
        "hour": lambda dates: _units_since(dates, "h", "D"),
        "minute": lambda dates: _units_since(dates, "m", "h"),
        "days": lambda dates: (dates - np.datetime64(0, "us")) / _DAY,
    }
)


def _units_since(dates: Array, unit: str, start: str | None) -> Array:
    """Return, for each date, the number of complete units since the start of a larger unit.

    For `unit` "D" and `start` "M", the result counts the days since the start of the month. If
    `start` is None, the result counts from 1970. For a missing date, the result is NaN.
    """
    truncated = dates.astype(f"datetime64[{unit}]")
    count = truncated.astype(np.int64)
    if start is not None:
        count -= dates.astype(f"datetime64[{start}]").astype(truncated.dtype).astype(np.int64)
    return np.where(np.isnat(dates), np.nan, count.astype(np.float64))


@ENCODERS.register("Date", name="date")
class DateEncoder(Encoder):
    """Encodes dates: each part, such as the year, becomes one or two features."""

    form: str = Field("", description="The date format, for columns of text.")
    parts: tuple[DatePart, ...] = Field(description="The parts, in this order.")
    cycles: bool = Field(True, description="Cyclic parts are sine and cosine.")
    center: tuple[float, ...] = Field((), description="The means of the other parts.")
    spread: tuple[float, ...] = Field((), description="The standard deviations of the other parts.")
    fill: bool = Field(False, description="A missing date becomes all zeros.")
    first: str = Field("", description="The first training date, as 2024-03-02.")
    last: str = Field("", description="The last training date.")

    def describe(self) -> str:
        """Return a text that states how each date part is encoded, in the order of `self.parts`."""
        scales = iter(zip(self.center, self.spread, strict=True))
        texts = []
        for part in self.parts:
            if self.cycles and part in DATE_PERIODS:
                texts.append(f"{part} as sine and cosine of its fraction of {DATE_PERIODS[part]:g}")
            else:
                center, spread = next(scales)
                texts.append(f"({part} - {center:.9g}) / {spread:.9g}")
        return f"parts of a date: {', '.join(texts)}"

    def feature_names(self, column: str) -> tuple[str, ...]:
        """Return the names of the parts."""
        names: list[str] = []
        for part in self.parts:
            is_cyclic = self.cycles and part in DATE_PERIODS
            names += [f"{part} sine", f"{part} cosine"] if is_cyclic else [part]
        return tuple(names)

    @property
    def fill_text(self) -> str:
        """What a missing date is filled with."""
        return "zeros in every part" if self.fill else ""

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return an array with one row per date and one column per name in `feature_names`.

        Raises:
            DiagnosticError: with the rows that hold no date, or a date in another format.
        """
        dates = read_dates(column, self.form, name)
        is_missing = np.isnat(dates)
        if is_missing.any() and not self.fill:
            raise cells_error(
                "cell-missing",
                name,
                "has rows without a date",
                affected_rows(is_missing),
                "Fill the cells, or remove these rows.",
                expected="a date in every row",
            )
        scales = iter(zip(self.center, self.spread, strict=True))
        features: list[Array] = []
        for part in self.parts:
            values = _PARTS[part](dates)
            if self.cycles and part in DATE_PERIODS:
                angle = values * (2 * np.pi / DATE_PERIODS[part])
                features += [np.sin(angle), np.cos(angle)]
            else:
                center, spread = next(scales)
                features.append((values - center) / spread)
        return np.asarray(np.nan_to_num(np.stack(features, axis=1), nan=0.0))


class DateFitter(Fitter):
    """Detects the date format, and fits mean and deviation of each date part that is not cyclic.

    The format is known only after the last row. Until then, statistics are kept for every format
    that at least one cell has matched.
    """

    def __init__(self, settings: encoding.Date, _requirement: PortRequirement) -> None:
        self._settings = settings
        self._format_counter = DateFormatCounter()
        cyclic = DATE_PERIODS if settings.cycles else ()
        self._linear_parts = [part for part in settings.parts if part not in cyclic]
        count = len(self._linear_parts)
        self._moments = {form: StreamingMoments(count) for form in ("", *DATE_FORMATS)}
        self._ranges: dict[str, tuple[Any, Any]] = {}  # the first and the last date, by format

    def add(self, column: Column) -> None:
        """Fit the encoder on the next training rows."""
        if is_date(column):
            self._measure("", column)
            return
        texts: TextArray = column
        cells = texts.filter(~missing_quantity_mask(texts))
        self._format_counter.add(cells)
        for form in [form for form, count in self._format_counter.match_counts.items() if count]:
            self._measure(form, parse_dates(cells, form))

    def _measure(self, form: str, dates: Array) -> None:
        dates = dates[~np.isnat(dates)]
        if len(dates):
            extremes = [*self._ranges.get(form, ()), dates.min(), dates.max()]
            self._ranges[form] = (min(extremes), max(extremes))
        if self._linear_parts and len(dates):
            columns = [_PARTS[part](dates) for part in self._linear_parts]
            self._moments[form].add(np.stack(columns, axis=1))

    def finish(self) -> DateEncoder:
        """Return the encoder for the date format that most training rows have.

        Raises:
            DiagnosticError: if the order of day and month is ambiguous.
        """
        form = self._selected_format() if self._format_counter.cell_count else ""
        moments = self._moments[form]
        moments.finish()
        first, last = (str(day)[:10] for day in self._ranges.get(form, ("", "")))
        return DateEncoder(
            form=form,
            parts=self._settings.parts,
            cycles=self._settings.cycles,
            center=tuple(moments.mean.tolist()),
            spread=tuple(moments.standard_deviation().tolist()),
            fill=self._settings.fill == "zero",
            first=first,
            last=last,
        )

    def _selected_format(self) -> str:
        if self._format_counter.best_format not in AMBIGUOUS_FORMATS:
            return self._format_counter.best_format
        if self._settings.first is not None:
            return f"{self._settings.first} first"
        if self._format_counter.is_ambiguous:
            raise diagnostic_error(
                "date-ambiguous",
                "the order of day and month is ambiguous: no row shows which number is the month",
                found="dates such as 3/4/2024",
                expected='"first" in the encoding: "day" (as in Europe) or "month" (as in the USA)',
            )
        return self._format_counter.best_format


def read_dates(column: Column, form: str, name: str) -> Array:
    """Return a column's dates, NaT for missing dates. `form` is the format of text, "" for ISO.

    Raises:
        DiagnosticError: with the rows whose text is not a date in this format.
    """
    if is_date(column):
        return np.asarray(column, DATE_DTYPE).reshape(len(column))
    dates = parse_dates(column, form or "iso")
    is_invalid = np.isnat(dates) & ~missing_quantity_mask(column)
    if is_invalid.any():
        example = DATE_FORMATS[form or "iso"].example
        raise cells_error(
            "date-unreadable",
            name,
            "holds cells that can't be read as dates",
            affected_rows(is_invalid),
            f"Write all dates in the same format, such as {example}.",
            cell=str(column[int(is_invalid.argmax())])[:40],
            expected=f"dates such as {example}",
        )
    return dates

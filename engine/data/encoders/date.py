"""Dates as their parts, those that come round again as points on a circle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from pydantic import Field

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.encoders.base import ENCODERS, Array, Encoder, Fitter
from engine.data.encoders.categories import absent
from engine.data.encoders.streaming_statistics import Moments
from engine.data.table.column_types import Column, Text, is_date
from engine.data.table.date_parser import AMBIGUOUS, FORMS, UNIT, Seen, parse
from engine.data.table.lazy_arrow import pa
from engine.data.table.row_numbers import counted, first_rows
from engine.recipe import encoding
from engine.recipe.encoding import Part

_DAY = np.timedelta64(86_400_000_000, "us")
# 4 days lie between the Thursday on which 1970 began and the next Monday.
_PARTS: Mapping[Part, Callable[[Array], Array]] = MappingProxyType(
    {
        "year": lambda dates: _since(dates, "Y", None) + 1970,
        "month": lambda dates: _since(dates, "M", "Y"),
        "day": lambda dates: _since(dates, "D", "M"),
        "weekday": lambda dates: (_since(dates, "D", None) + 3) % 7,
        "yearday": lambda dates: _since(dates, "D", "Y"),
        "hour": lambda dates: _since(dates, "h", "D"),
        "minute": lambda dates: _since(dates, "m", "h"),
        "days": lambda dates: (dates - np.datetime64(0, "us")) / _DAY,
    }
)
_ROUND: Mapping[Part, float] = MappingProxyType(
    {"month": 12, "day": 31, "weekday": 7, "yearday": 366, "hour": 24, "minute": 60}
)


def _since(dates: Array, unit: str, start: str | None) -> Array:
    """Return how many whole units lie between the start of a larger one, or 1970, and the date."""
    whole = dates.astype(f"datetime64[{unit}]")
    passed = whole.astype(np.int64)
    if start is not None:
        passed -= dates.astype(f"datetime64[{start}]").astype(whole.dtype).astype(np.int64)
    return np.where(np.isnat(dates), np.nan, passed.astype(np.float64))


@ENCODERS.add()
class Date(Encoder):
    """Parts of dates side by side."""

    form: str = Field("", description="How dates were written where they came as text.")
    parts: tuple[Part, ...] = Field(description="What is taken of a date, in this order.")
    cycles: bool = Field(True, description="Parts that come round as sine and cosine.")
    center: tuple[float, ...] = Field((), description="Subtracted from the other parts.")
    spread: tuple[float, ...] = Field((), description="Divided by, for the other parts.")
    fill: bool = Field(False, description="A row without a date is all zeros.")
    first: str = Field("", description="The first day that was seen, as 2024-03-02.")
    last: str = Field("", description="The last one.")

    def describe(self) -> str:
        """Return the parts in their order."""
        plain = iter(zip(self.center, self.spread, strict=True))
        told = []
        for part in self.parts:
            if self.cycles and part in _ROUND:
                told.append(f"{part} as sine and cosine of its share of {_ROUND[part]:g}")
            else:
                center, spread = next(plain)
                told.append(f"({part} - {center:.9g}) / {spread:.9g}")
        return f"of a date {', '.join(told)}"

    def names(self) -> tuple[str, ...]:
        """Return what each of the columns is called."""
        names: list[str] = []
        for part in self.parts:
            round_ = self.cycles and part in _ROUND
            names += [f"{part} sine", f"{part} cosine"] if round_ else [part]
        return tuple(names)

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return a column per part, two for one that comes round.

        Raises:
            Refused: naming the rows that hold no date, or one in another form.
        """
        dates = read(column, self.form, name)
        empty = np.isnat(dates)
        if empty.any() and not self.fill:
            raise Refused(_missing(name, empty))
        plain = iter(zip(self.center, self.spread, strict=True))
        answer: list[Array] = []
        for part in self.parts:
            values = _PARTS[part](dates)
            if self.cycles and part in _ROUND:
                angle = values * (2 * np.pi / _ROUND[part])
                answer += [np.sin(angle), np.cos(angle)]
            else:
                center, spread = next(plain)
                answer.append((values - center) / spread)
        return np.asarray(np.nan_to_num(np.stack(answer, axis=1), nan=0.0))


class DateFitter(Fitter):
    """Finds the form of dates, and measures the parts that do not come round."""

    def __init__(self, asked: encoding.Date) -> None:
        self._asked = asked
        self._seen = Seen()
        self._plain = [part for part in asked.parts if not (asked.cycles and part in _ROUND)]
        self._moments = {form: Moments(len(self._plain)) for form in ("", *FORMS)}
        self._days: dict[str, tuple[Any, Any]] = {}  # the first and the last, by form

    def add(self, column: Column) -> None:
        """Take the next rows in."""
        if is_date(column):
            self._measure("", column)
            return
        cells = _there(column)
        self._seen.add(cells)
        for form in [form for form, count in self._seen.fitting.items() if count]:
            self._measure(form, parse(cells, form))

    def _measure(self, form: str, dates: Array) -> None:
        dates = dates[~np.isnat(dates)]
        if len(dates):
            known = [*self._days.get(form, ()), dates.min(), dates.max()]
            self._days[form] = (min(known), max(known))
        if self._plain and len(dates):
            columns = [_PARTS[part](dates) for part in self._plain]
            self._moments[form].add(np.stack(columns, axis=1))

    def done(self) -> Date:
        """Return the encoder for the form that most training rows have.

        Raises:
            Refused: if day and month can't be told apart.
        """
        form = self._form() if self._seen.cells else ""
        moments = self._moments[form]
        moments.close()
        first, last = (str(day)[:10] for day in self._days.get(form, ("", "")))
        return Date(
            form=form,
            parts=self._asked.parts,
            cycles=self._asked.cycles,
            center=tuple(moments.mean.tolist()),
            spread=tuple(moments.deviation().tolist()),
            fill=self._asked.fill == "zero",
            first=first,
            last=last,
        )

    def _form(self) -> str:
        if self._seen.best not in AMBIGUOUS:
            return self._seen.best
        if self._asked.first is not None:
            return f"{self._asked.first} first"
        if self._seen.ambiguous:
            raise Refused(_ambiguous())
        return self._seen.best


def read(column: Column, form: str, name: str) -> Array:
    """Return a column's dates, NaT where one is missing.

    Args:
        column: dates, or texts of dates.
        form: of the texts.
        name: of the column, for findings.

    Raises:
        Refused: naming the rows that hold something else.
    """
    if is_date(column):
        return np.asarray(column, UNIT).reshape(len(column))
    dates = parse(column, form or "iso")
    bad = np.isnat(dates) & ~absent(column)
    if bad.any():
        raise Refused(_no_date(name, bad, str(column[int(np.flatnonzero(bad)[0])]), form or "iso"))
    return dates


def _there(cells: Text) -> Text:
    """Return the cells that are not missing."""
    return cells.filter(pa.array(~absent(cells)))


def _no_date(name: str, rows: Any, value: str, form: str) -> Diagnostic:
    return Diagnostic(
        "date-unreadable",
        f'"{name}" holds cells that are no dates in its form: {counted(rows)}',
        place=f"column {name}, {first_rows(rows)}",
        found=f"{value[:40]!r} in row {int(np.flatnonzero(rows)[0])}",
        expected=f"dates such as {FORMS[form].example}",
        fixes=(Fix(f"Write real dates, all in the form of {FORMS[form].example}."),),
    )


def _missing(name: str, rows: Any) -> Diagnostic:
    return Diagnostic(
        "cell-missing",
        f'"{name}" has rows without a date: {counted(rows)}',
        place=f"column {name}, {first_rows(rows)}",
        found="nothing",
        expected="a date in every row",
        fixes=(Fix("Fill the cells, or remove these rows."),),
    )


def _ambiguous() -> Diagnostic:
    return Diagnostic(
        "date-ambiguous",
        "day and month can't be told apart: no row has a number above 12 in one place only",
        found="dates such as 3/4/2024",
        expected='"first" in the encoding: day (as in Paris) or month (as in New York)',
        fixes=(Fix('Set "first" to "day".'), Fix('Set "first" to "month".')),
    )

"""Date formats are recognized."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.table.column_types import text_column
from engine.data.table.date_parser import DATE_FORMATS, DateFormatCounter, parse_dates

NOT_DATES = ["", "red", "12 apples", "room 1234", "may 2024 be better", "march", "1/2"]


@pytest.mark.slow
@given(
    st.sampled_from(list(DATE_FORMATS)),
    st.lists(st.dates(date(1000, 1, 1)), min_size=1, max_size=5),
    st.sampled_from(["", " 12:30", "T08:00:00Z", ", 3:05 pm"]),
    st.booleans(),
)
def test_every_date_is_counted_under_its_format(name, days, time, upper):
    cells = [DATE_FORMATS[name].format_date(day) + time for day in days]
    counter = DateFormatCounter()
    counter.add(text_column([cell.upper() if upper else cell for cell in cells] + NOT_DATES))
    assert counter.match_counts[name] == len(days)
    assert counter.cell_count == len(days) + len(NOT_DATES)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("9.11.{}", "dots"),
        ("9/11/{}", "day first"),
        ("11-9-{}", "month first"),
        ("09-Nov-{}", "day and name"),
        ("Nov 9, {}", "name and day"),
    ],
)
def test_years_of_two_digits_are_those_from_1969_to_2068(text, name):
    years = [1969, 1999, 2000, 2068]  # above 31, an end is no day
    cells = text_column([text.format(f"{year % 100:02}") for year in years])
    counter = DateFormatCounter()
    counter.add(cells)
    assert counter.match_counts[name] == len(years)
    assert parse_dates(cells, name).tolist() == [datetime(year, 11, 9) for year in years]


@pytest.mark.parametrize("texts", [["23/11/05", "21/01/30"], ["3.8.10", "3.10.12", "3.11.14"]])
def test_years_in_front_and_versions_are_no_dates_with_short_years(texts):
    counter = DateFormatCounter()
    counter.add(text_column(texts))
    assert counter.best_fraction == 0

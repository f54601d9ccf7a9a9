"""Date formats are recognized."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.table.column_types import text_column
from engine.data.table.date_parser import DATE_FORMATS, DateFormatCounter

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

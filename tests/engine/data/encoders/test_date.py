"""Dates: what pandas-like parts are, forms told apart, and never a guess of day and month."""

from datetime import date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.diagnostic import DiagnosticError
from engine.data.encoders import DateEncoder
from engine.data.table.column_types import text_column
from engine.data.table.date_parser import DATE_FORMATS, _cast_iso, parse_dates
from engine.data.table.date_pattern import parse_date_pattern
from engine.recipe import encoding
from tests.engine.data.encoders.fits import cut, fitted, fitted_by
from tests.tiers import cases, noted

MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))
PARTS = ("year", "month", "day", "weekday", "yearday", "hour", "minute", "days")


def dates(*texts):
    return np.array(texts, "datetime64[us]")


def refusal(encoder, column):
    with pytest.raises(DiagnosticError) as refused:
        encoder.transform(column, "when")
    return refused.value.diagnostics[0]


@settings(deadline=None)
@given(st.lists(MOMENTS, min_size=1))
def test_parts_are_those_of_pythons_calendar(moments):
    asked = encoding.Date(parts=PARTS, cycles=False)
    column = np.array(moments, "datetime64[us]")
    encoder = fitted(asked, column)
    scaled = encoder.transform(column, "when")
    values = scaled * np.array(encoder.spread) + np.array(encoder.center)
    expected = [
        [m.year, m.month - 1, m.day - 1, m.weekday(), m.timetuple().tm_yday - 1, m.hour, m.minute,
         (m - datetime(1970, 1, 1)) / timedelta(days=1)]
        for m in moments
    ]  # fmt: skip
    np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-6)


@settings(deadline=None)
@given(st.lists(MOMENTS, min_size=1))
def test_what_comes_round_lies_on_a_circle(moments):
    asked = encoding.Date(parts=("month", "weekday", "hour"))
    values = fitted(asked, np.array(moments, "datetime64[us]")).transform(
        np.array(moments, "datetime64[us]"), "when"
    )
    assert values.shape == (len(moments), 6)
    np.testing.assert_allclose(values[:, ::2] ** 2 + values[:, 1::2] ** 2, 1)
    angle = np.arctan2(values[:, 0], values[:, 1]) % (2 * np.pi) / (2 * np.pi) * 12
    np.testing.assert_allclose(np.round(angle) % 12, [m.month - 1 for m in moments])


@settings(deadline=None)
@given(MOMENTS, st.sampled_from(["T", " "]), st.integers(-14 * 60, 14 * 60))
def test_iso_is_read_as_python_reads_it(moment, between, minutes):
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    (read,) = parse_dates(text_column([zoned.isoformat(between)]), "iso")
    naive = moment - timedelta(minutes=minutes)
    assert read == np.datetime64(naive, "us")
    assert parse_dates(text_column([moment.isoformat(between)]), "iso")[0] == np.datetime64(
        moment, "us"
    )


STRICT_DATES = [
    ("2024-03-02 3:05 pm", "2024-03-02T15:05"),
    ("2024-03-02 12:05 AM", "2024-03-02T00:05"),
    ("2024-03-02T10:00:00,5Z", "2024-03-02T10:00:00.5"),
    ("2024-02-30", "NaT"),
    ("2024-13-01", "NaT"),
    ("2024-03-02 25:00", "NaT"),
    ("2024-03-02 13:00 pm", "NaT"),
    ("2024-3-2", "2024-03-02"),
    ("24-03-02", "NaT"),
    ("2024-03-02x", "NaT"),
]


def test_dates_are_read_strictly():
    for cell, moment in STRICT_DATES:
        with noted(cell, moment):
            np.testing.assert_array_equal(parse_dates(text_column([cell]), "iso"), dates(moment))


@pytest.mark.parametrize(
    ("cells", "form", "first"),
    [
        (("2024-03-02", "1999-12-31"), "iso", "2024-03-02"),
        (("2/3/2024", "13/3/2024"), "day first", "2024-03-02"),
        (("2/3/2024", "3-13-2024"), "month first", "2024-02-03"),
        (("2.3.2024", "3.4.2024"), "dots", "2024-03-02"),
        (("20240302",), "compact", "2024-03-02"),
        (("2 Mar 2024", "31-dec-1999"), "day and name", "2024-03-02"),
        (("Mar 2nd, 2024",), "name and day", "2024-03-02"),
        (("", "2024/3/2", "NA"), "year first", "NaT"),
    ],
)
def test_the_form_of_a_column_is_found(cells, form, first):
    encoder = fitted(encoding.Date(parts=("days",), fill="zero"), text_column(cells))
    assert encoder.form == form
    np.testing.assert_array_equal(parse_dates(text_column(cells[:1]), encoder.form), dates(first))


def test_day_and_month_are_never_guessed():
    column = text_column(["3/4/2024", "12/11/2023"])
    with pytest.raises(DiagnosticError) as refused:
        fitted(encoding.Date(), column)
    assert refused.value.diagnostics[0].code == "date-ambiguous"
    for first, day in (("day", "2024-04-03"), ("month", "2024-03-04")):
        encoder = fitted(encoding.Date(first=first), column)
        np.testing.assert_array_equal(parse_dates(column[:1], encoder.form), dates(day))


def test_a_date_in_another_form_is_named_by_row():
    encoder = fitted(encoding.Date(), text_column(["2024-03-02"]))
    found = refusal(encoder, text_column(["2024-03-02", "", "02.03.2024", "yesterday"]))
    assert (found.code, found.found) == ("date-unreadable", "'02.03.2024' in row 2")
    assert found.place == "column when, rows 2, 3 (counting from 0)"


def test_a_missing_date_is_refused_or_zeros():
    column = dates("2024-03-02", "NaT")
    found = refusal(fitted(encoding.Date(), column), column)
    assert (found.code, found.place) == ("cell-missing", "column when, row 1 (counting from 0)")
    filled = fitted(encoding.Date(fill="zero"), column).transform(column, "when")
    assert not filled[1].any()
    assert filled[0].any()


def test_dates_and_texts_of_dates_are_encoded_alike():
    cells = ("2024-03-02", "1999-12-31")
    as_text, as_dates = (
        fitted(encoding.Date(), text_column(cells)),
        fitted(encoding.Date(), dates(*cells)),
    )
    np.testing.assert_array_equal(
        as_text.transform(text_column(cells), "x"), as_dates.transform(dates(*cells), "x")
    )
    assert isinstance(as_text, DateEncoder)


ODD = st.from_regex(
    r"\A[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9]{1,2}(:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,7})?)?)?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?\Z",
    alphabet="0123456789-T :.,Z+",
)


@pytest.mark.slow
@settings(deadline=None, max_examples=cases(80, 400))
@given(ODD | MOMENTS.map(str) | st.dates().map(str))
def test_the_quick_way_reads_what_the_pattern_reads(cell):
    quick = _cast_iso(text_column([cell]))
    if quick is not None:
        np.testing.assert_array_equal(
            quick, parse_date_pattern(text_column([cell]), DATE_FORMATS["iso"].pattern)
        )


@pytest.mark.parametrize("form", DATE_FORMATS)
def test_each_form_reads_its_own_example_and_a_day_that_is_written_in_it(form):
    written = DATE_FORMATS[form].format_date(date(2031, 12, 5))
    read = parse_dates(text_column([DATE_FORMATS[form].example, written]), form)
    assert read.tolist() == [datetime(2024, 3, 2), datetime(2031, 12, 5)]


def test_the_first_and_the_last_day_that_were_seen_are_kept():
    asked = encoding.Date()
    cells = text_column(["3.4.2024", "", "17.1.2024", "28.2.2025"])
    days = dates("2024-04-03", "NaT", "2024-01-17T23:59", "2025-02-28")
    for column in (cells, days):
        encoder = fitted_by(asked, cut(column, [2]))
        assert (encoder.first, encoder.last) == ("2024-01-17", "2025-02-28")

"""Cells become the numbers that a person meant; where a comma may mean two things, one is asked."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.core.diagnostic import DiagnosticError
from engine.data.table.array import MAX_NUMBER
from engine.data.table.column_types import text_column
from engine.data.table.number_form import DetectedForm, NumberForm, NumberFormCounter
from engine.data.table.number_parser import (
    MISSING_WORDS,
    add_number_cells,
    detect_number_form,
    is_mostly_numbers,
    parse_numbers,
    read_numbers,
)
from tests.tiers import cases


def parse(*texts, decimal=None, commas_group=False):
    cells = text_column(texts)
    detected = detect_number_form(cells, NumberFormCounter(decimal, commas_group))
    return *parse_numbers(cells, "price", detected), detected


def refusal(*texts, decimal=None):
    with pytest.raises(DiagnosticError) as refused:
        parse(*texts, decimal=decimal)
    (found,) = refused.value.diagnostics
    return found


@pytest.mark.parametrize(
    ("texts", "numbers", "form"),
    [
        (("3,5", "1000"), [3.5, 1000], {"decimal": ","}),
        (("1,000", "12,5"), [1.0, 12.5], {"decimal": ","}),
        (("0,125", "1,250"), [0.125, 1.25], {"decimal": ","}),
        (("1234,567", "", "1,000"), [1234.567, np.nan, 1.0], {"decimal": ","}),
        (("1,234", "1.5"), [1234, 1.5], {"group": ","}),
        (("7", "8", "1,000,000"), [7, 8, 1e6], {"group": ","}),
        (("$1,010.50", "-$5", "($3)", "7"), [1010.5, -5, -3, 7],
         {"group": ",", "unit": "$", "parentheses": True}),
        (("1.010,50 EUR", "3 EUR"), [1010.5, 3], {"decimal": ",", "group": ".", "unit": "EUR"}),
        (("1.234.567,8", "1.234"), [1234567.8, 1234], {"decimal": ",", "group": "."}),
        (("12%", "13.5 %", "5"), [12, 13.5, 5], {"unit": "%"}),
        (("4.8 cm", "5cm", "6"), [4.8, 5, 6], {"unit": "cm"}),
        (("1'234.50", "3"), [1234.5, 3], {"group": "'"}),
        (("1 234,50", "3,5"), [1234.5, 3.5], {"decimal": ",", "group": " "}),
        (("(1,234)", "1.5", "−2"), [-1234, 1.5, -2], {"group": ",", "parentheses": True}),
        (("1.234", "5.678"), [1.234, 5.678], {}),
        (("1e5", ".5", "+7"), [1e5, 0.5, 7], {}),
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are_written(texts, numbers, form):
    values, _, detected = parse(*texts)
    np.testing.assert_array_equal(values, numbers)
    assert detected == DetectedForm(NumberForm(**form))


@pytest.mark.parametrize(
    "texts",
    [
        ("5 cm", "2 in", "3 cm", "4 in"),
        ("3 17 4", "2 5"),
        ("1.5k", "3M"),
        ("A1", "B2"),
        ("2024-01-02", "2024-01-03"),
        ("12:30", "14:00"),
        ("one", "two", "3"),
    ],
)
def test_other_texts_are_no_numbers(texts):
    detected = detect_number_form(text_column(texts), NumberFormCounter())
    assert detected.problem == "text"


@pytest.mark.parametrize("texts", [("1,000", "950", "12,500"), ("", "950", "-1,000")])
def test_a_comma_that_may_group_digits_is_asked_about_and_each_answer_settles_it(texts):
    assert is_mostly_numbers(text_column(texts))
    found = refusal(*texts)
    assert found.code == "number-unreadable"
    assert "may be digit grouping" in found.message
    for fix, value in zip(found.fixes, (1000, 1), strict=True):
        decimal = fix.edit["fields"]["decimal"]
        assert value in np.abs(parse(*texts, decimal=decimal)[0])
    assert 1000 in np.abs(parse(*texts, commas_group=True)[0]), "as where commas separate cells"


def test_grouped_cells_are_named_by_the_rows_of_the_file():
    found = refusal("", "950", "12,500")
    assert found.place == "column price, row 2 (counting from 0)"
    assert found.found == "'12,500' in row 2"
    assert found.expected.startswith("12500, or 12.500")


def test_a_few_other_cells_count_as_missing_and_are_listed():
    values, (warning,), detected = parse("1.5", "so", "n/a", "1e400", "inf", "2", "7", "8", "9")
    np.testing.assert_array_equal(values, [1.5, *[np.nan] * 4, 2, 7, 8, 9])
    assert (warning.code, warning.severity) == ("number-unreadable", "warning")
    assert (warning.rows.numbers, detected.form.missing) == ((1, 3, 4), ("so", "1e400", "inf"))
    assert warning.fixes[0].edit == {"do": "take_missing", "words": ["so", "1e400", "inf"]}


def test_many_other_cells_are_named_by_row_and_value():
    found = refusal(*"123456789", *(f"about {n}" for n in range(8)))
    assert (found.code, found.found) == ("number-unreadable", "'about 0' in row 9")


def test_decimal_commas_among_points_are_said_to_be_such():
    found = refusal("1.5", "", "15,6", "4", "-0,5")
    assert found.message.startswith('"price" has decimal commas in some cells and points in others')
    assert found.found == "'15,6' in row 2 looks like a decimal comma"
    assert [fix.edit for fix in found.fixes] == [None]


@pytest.mark.parametrize(
    ("cells", "comma", "point"),
    [
        (["3,5 €", "3.5 €"], "3,5 €", "3.5 €"),
        (["$1,505.90", "0,5", "$2.5"], "0,5", "0.5"),
        (["0.5", "1.234,5"], "1.234,5", "1234.5"),
    ],
)
def test_the_cell_with_the_decimal_comma_is_named_and_written_with_a_point(cells, comma, point):
    found = refusal(*cells)
    assert found.found.startswith(f"'{comma}' in row {cells.index(comma)}")
    assert found.fixes[0].text.startswith(f"Write {point} for {comma},")


AMOUNTS = st.decimals(-(10**9), 10**9, places=2, allow_nan=False)


@settings(max_examples=cases(40, 400), deadline=None)
@given(
    st.lists(AMOUNTS, min_size=1, max_size=9),
    st.sampled_from(["{:,.2f}", "${:,.2f}", "{:,.2f} cm", "{:,.2f}%"]),
    st.integers(1, 4),
)
def test_grouped_numbers_are_read_as_pandas_reads_them_in_any_chunks(numbers, style, size):
    texts = [style.format(number) for number in numbers]
    values, _, detected = parse(*texts)
    plain = pd.Series(texts).str.replace(r"[$,%]| cm", "", regex=True).astype("float64")
    np.testing.assert_array_equal(values, plain)
    counter = NumberFormCounter()
    for start in range(0, len(texts), size):
        add_number_cells(text_column(texts[start : start + size]), counter)
    assert counter.detect() == detected
    parts = [read_numbers(text_column([text]), detected.form) for text in texts]
    np.testing.assert_array_equal(np.concatenate(parts), values)


RULE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
CELLS = st.one_of(
    st.text("0123456789+-.eE_ nNaAiIfFx١", max_size=8),
    st.floats(-MAX_NUMBER, MAX_NUMBER, exclude_min=True, exclude_max=True).map(repr),
    st.integers().map(str),
    st.sampled_from(["", "NA", "nan", "NaN", "null", "N/A", "inf", "-inf", "Infinity"]),
)


@pytest.mark.slow
@settings(max_examples=cases(80, 400), deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=6))
@example(["", "0.E0", "1.e+3"])
def test_the_fast_way_takes_what_the_rule_takes_and_reads_it_as_python_does(texts):
    numbers = [text for text in texts if text not in MISSING_WORDS]
    if all(RULE.fullmatch(text) and abs(float(text)) < MAX_NUMBER for text in numbers):
        values, notes, _ = parse(*texts)
        wanted = [np.nan if text in MISSING_WORDS else float(text) for text in texts]
        np.testing.assert_array_equal(values, wanted)
        assert notes == []
        assert values.flags.writeable


@pytest.mark.parametrize(
    ("texts", "decimal", "said"), [(("1,000",), None, ","), (("3,5", "1.5"), ",", "."),
                                   (("2", "3,5"), ".", ",")],
)  # fmt: skip
def test_a_sign_that_can_not_be_told_may_be_said(texts, decimal, said):
    assert refusal(*texts, decimal=decimal).fixes[-1].edit == {
        "do": "set_file",
        "fields": {"decimal": said},
    }

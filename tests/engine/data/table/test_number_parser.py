"""Cells become the numbers that a person meant, or are refused: a comma is never guessed at."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.diagnostic import DiagnosticError
from engine.data.table import column_types
from engine.data.table.number_parser import (
    MISSING_WORDS,
    is_mostly_numbers,
    parse_numbers,
    parse_numbers_leniently,
)
from tests.tiers import cases


def cells(*values):
    return column_types.text_column(values)


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (("3,5", "1000"), [3.5, 1000]),
        (("1,000", "12,5"), [1.0, 12.5]),
        (("0,125", "1,250"), [0.125, 1.25]),
        (("1234,567", "", "1,000"), [1234.567, np.nan, 1.0]),
    ],
)
def test_a_decimal_comma_is_read_where_one_cell_settles_it(texts, numbers):
    values, notes = parse_numbers(cells(*texts), "price")
    np.testing.assert_array_equal(values, numbers)
    assert [note.code for note in notes] == ["csv-read-as"]


@pytest.mark.parametrize(
    "texts", [("1,000", "950", "12,500"), ("", "950", "-1,000"), ("7", "8", "1,000,000")]
)
def test_a_comma_that_may_group_digits_is_not_read_as_a_decimal_sign(texts):
    assert is_mostly_numbers(cells(*texts))
    with pytest.raises(DiagnosticError) as refused:
        parse_numbers(cells(*texts), "price")
    (found,) = refused.value.diagnostics
    assert found.code == "number-unreadable"
    assert "may be digit grouping" in found.message
    assert "without digit grouping" in found.fixes[0].text


def test_grouped_cells_are_named_by_the_rows_of_the_file():
    with pytest.raises(DiagnosticError) as refused:
        parse_numbers(cells("", "950", "12,500"), "price")
    (found,) = refused.value.diagnostics
    assert found.place == "column price, row 2 (counting from 0)"
    assert found.found == "'12,500' in row 2"
    assert found.expected.startswith("12500, or 12.500")


RULE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
CELLS = st.one_of(
    st.text("0123456789+-.,eE_ nNaAiIfFx١", max_size=8),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers().map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.sampled_from(["", "NA", "nan", "NaN", "null", "N/A", "inf", "-inf", "Infinity", "1e999"]),
)


@pytest.mark.slow
@settings(max_examples=cases(80, 400), deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=6))
def test_the_fast_way_takes_what_the_rule_takes_and_reads_it_as_python_does(texts):
    filled = [text for text in texts if text not in MISSING_WORDS]
    bad = [text for text in filled if not RULE.fullmatch(text)]
    if bad:
        if not any("," in text for text in bad):
            with pytest.raises(DiagnosticError) as refused:
                parse_numbers(cells(*texts), "x")
            row = texts.index(bad[0])
            assert refused.value.diagnostics[0].found.endswith(f" in row {row}")
        return
    values, notes = parse_numbers(cells(*texts), "x")
    wanted = [np.nan if text in MISSING_WORDS else float(text) for text in texts]
    np.testing.assert_array_equal(values, wanted)
    assert notes == []
    assert values.flags.writeable


@pytest.mark.slow
@settings(max_examples=cases(40, 200), deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=6), st.sampled_from([None, ".", ","]))
def test_whatever_is_read_loosely_is_what_is_read_strictly(texts, decimal):
    loose = parse_numbers_leniently(cells(*texts), decimal)
    try:
        strict = parse_numbers(cells(*texts), "x", decimal)[0]
    except DiagnosticError:
        return
    same = np.isnan(loose) | (loose == strict)
    assert same.all()


@pytest.mark.parametrize(
    ("texts", "decimal", "said"), [(("1,000",), None, ","), (("3,5", "1.5"), ",", "."),
                                   (("2", "3,5"), ".", ",")],
)  # fmt: skip
def test_a_sign_that_can_not_be_told_may_be_said(texts, decimal, said):
    with pytest.raises(DiagnosticError) as refused:
        parse_numbers(cells(*texts), "x", decimal)
    edit = refused.value.diagnostics[0].fixes[-1].edit
    assert edit == {"do": "set_file", "fields": {"decimal": said}}

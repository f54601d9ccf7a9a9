"""Cells become the numbers that a person meant, or are refused: a comma is never guessed at."""

import numpy as np
import pytest

from engine.core.diagnostic import Refused
from engine.data import kinds
from engine.data.numbers import mostly_numbers, parse_numbers


def cells(*values):
    return kinds.text(values)


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
    assert mostly_numbers(cells(*texts))
    with pytest.raises(Refused) as refused:
        parse_numbers(cells(*texts), "price")
    (found,) = refused.value.diagnostics
    assert found.code == "number-unreadable"
    assert "may group digits" in found.message
    assert "without grouping" in found.fixes[0].text


def test_grouped_cells_are_named_by_the_rows_of_the_file():
    with pytest.raises(Refused) as refused:
        parse_numbers(cells("", "950", "12,500"), "price")
    (found,) = refused.value.diagnostics
    assert found.place == "column price, row 2 (counting from 0)"
    assert found.found == "'12,500' in row 2"
    assert found.expected.startswith("12500, or 12.500")

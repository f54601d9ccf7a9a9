"""The profile of a table: what each column's cells are, how they are spread, what is missing."""

import json

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.profile.table_profile import profile_table
from engine.data.readers.table_file import open_table
from engine.data.table import column_types
from engine.data.table.table import IN_MEMORY_PATH, Table
from engine.recipe.csv_dialect import Dialect
from tests.tiers import cases, noted

RNG = np.random.default_rng(0)
ROWS = 300


def facts(column, name="x", decimal=None):
    if isinstance(column, list):
        column = column_types.text_column(column)
    (found,) = profile_table(Table(IN_MEMORY_PATH, {name: column}, (), Dialect(decimal=decimal)))
    assert found.rows == len(column)
    json.dumps(found.model_dump(mode="json"), allow_nan=False)
    return found


def cycled(*cells):
    return [cells[row % len(cells)] for row in range(ROWS)]


PROSE = [f"the {row % 7} birds of {row} fly over {row % 11} hills" for row in range(ROWS)]
DAYS = np.datetime64("2024-01-01") + np.arange(ROWS) % 91
KINDS = {
    "number": [f"{value:.3f}" for value in RNG.normal(size=ROWS)],
    "number with holes": cycled("1.5", "", "NA", "-2"),
    "whole number": cycled("3", "1", "40"),
    "boolean of numbers": cycled("0", "1"),
    "boolean": cycled("yes", "no"),
    "category": cycled("red", "green", "dark blue"),
    "category of two": cycled("male", "female"),
    "category with holes": cycled("red", "", "green"),
    "text": PROSE,
    "date": DAYS.astype(str).tolist(),
    "date of another form": [f"{day.astype(object):%d.%m.%Y}" for day in DAYS],
    "list": cycled("drama|crime", "crime", "comedy|drama"),
    "image path": [f"pictures/{row}.jpg" for row in range(ROWS)],
    "id sequence": [f"{row} {row + 1} 7" for row in range(ROWS)],
    "identifier": [f"b{row:05}-x" for row in range(ROWS)],
    "identifier of numbers": [str(row) for row in range(1, ROWS + 1)],
    "constant": cycled("same"),
    "constant of numbers": cycled("1.0"),
    "constant of nothing": cycled(""),
}


def test_what_cells_of_text_are_is_told_by_what_they_look_like():
    for name, cells in KINDS.items():
        with noted(name):
            assert facts(cells).kind == name.partition(" of ")[0].partition(" with ")[0]


ARRAYS = {
    "number": RNG.normal(size=ROWS),
    "whole number": RNG.integers(0, 200, ROWS),
    "boolean": np.arange(ROWS, dtype=np.int32) % 2,
    "identifier": np.arange(ROWS)[::-1],
    "constant": np.full(ROWS, 2.5),
    "number of many axes": RNG.normal(size=(ROWS, 4, 4, 3)),
    "id sequence": RNG.integers(0, 9, (ROWS, 5)),
    "date": DAYS.astype("datetime64[us]"),
    "list": pa.array([["a", "b"], ["a"], []] * 100, pa.large_list(pa.large_string())),
    "list of reals": pa.array([[1.5], []] * 150, pa.large_list(pa.float64())),
    "id sequence of lists": pa.array([[1, 2], []] * 150, pa.large_list(pa.int64())),
}


def test_what_arrays_hold_is_told_by_their_values():
    for name, array in ARRAYS.items():
        with noted(name):
            assert facts(array).kind == name.partition(" of ")[0]


def test_numbers_are_measured_as_numpy_measures_them():
    values = np.round(RNG.normal(10, 3, ROWS), 3)
    cells = [*(f"{value:.3f}" for value in values), "", "NA"]
    found = facts(cells)
    assert (found.missing, found.distinct) == (2, len(np.unique(values)))
    spread = found.spread
    np.testing.assert_allclose(
        [spread.least, spread.most, spread.mean, spread.deviation, *spread.quantiles],
        [values.min(), values.max(), values.mean(), values.std(),
         *np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])],
    )  # fmt: skip
    assert len(found.histogram.counts) == 24
    counts, edges = np.histogram(values, 24)
    assert list(found.histogram.counts) == counts.tolist()
    np.testing.assert_allclose(found.histogram.edges, edges)
    assert found.examples == tuple(dict.fromkeys(cells))[:5]


def test_few_whole_numbers_have_a_bin_each():
    found = facts(cycled("2007", "2009", "2009"))
    assert found.histogram.edges == (2006.5, 2007.5, 2008.5, 2009.5)
    assert found.histogram.counts == (100, 0, 200)
    assert [(label.text, label.count) for label in found.top] == [("2009", 200), ("2007", 100)]


def test_labels_are_counted_the_commonest_first():
    found = facts([*cycled("b", "a", "b"), "", "c" * 200])
    assert [(label.text, label.count) for label in found.top] == [
        ("b", 200), ("a", 100), ("c" * 57 + "...", 1),
    ]  # fmt: skip
    assert (found.missing, found.distinct, found.examples[:2]) == (1, 3, ("b", "a"))
    many = facts([f"label {row % 40}" for row in range(ROWS)])
    assert (len(many.top), many.distinct) == (24, 40)


def test_cells_that_do_not_fit_are_told_by_row_and_value():
    found = facts([*cycled("1", "2.5"), "twelve"])
    assert (found.kind, found.missing) == ("number", 1)
    assert (found.fault, found.strange) == ("", ("twelve",))
    found = facts([*DAYS.astype(str).tolist(), "soon"])
    assert (found.kind, found.strange) == ("date", ("soon",))
    assert (
        found.fault == "'soon' in row 300 can't be read as a date (1 of 301 rows, counting from 0)"
    )
    assert facts(cycled("3/4/2024", "5/6/2024")).ambiguous_dates
    found = facts([*DAYS.astype(str).tolist(), "3.2.2024"])
    assert "several formats" in found.fault
    assert found.strange == (), "it is a date, and not missing"
    mixed = facts(cycled("3.2.2024", "2024-03-02"))
    assert "2.3.2024 and 2024-03-02" in mixed.fault or "2024-03-02 and 2.3.2024" in mixed.fault


def test_decimal_commas_are_those_of_the_table():
    assert facts(["1,000", "2,500"]).fault
    assert facts(["1,000", "2,500"]).strange == (), "these are numbers"
    found = facts(["1,000", "2,500"], decimal=",")
    assert (found.fault, found.spread.most) == ("", 2.5)


def test_numbers_with_decimal_commas_are_shown_with_points():
    """As their mean and their range are, so that one view has one sign."""
    found = facts(["3,5", "1,25", "7,75"])
    assert (found.commas, found.examples) == (True, ("3.5", "1.25", "7.75"))
    assert facts(["3.5", "1.25", "7.75"]).commas is False
    assert facts(["a, b", "c, d", "a, b"]).commas is False


def test_several_labels_in_a_cell_are_counted_each():
    found = facts(cycled("drama | crime", "crime", "comedy|drama"))
    assert (found.separator, found.distinct) == ("|", 3)
    assert {label.text: label.count for label in found.top} == {
        "drama": 200, "crime": 200, "comedy": 100,
    }  # fmt: skip
    assert facts(PROSE).separator == ""
    assert facts(cycled("cats, if any; dogs", "none of those, no")).separator == ""


def test_words_of_text_and_items_of_lists_are_counted_per_row():
    found = facts(PROSE)
    assert (found.spread.least, found.spread.most) == (9, 9)
    lists = facts(pa.array([["a", "b", "a"], [], ["c"]] * 100, pa.large_list(pa.large_string())))
    assert (lists.missing, lists.distinct, lists.spread.most) == (100, 3, 3)
    assert lists.top[0].text == "a"
    assert lists.examples[0] == "a, b, a"


def test_dates_have_a_first_and_a_last():
    found = facts(DAYS.astype("datetime64[us]"))
    assert (found.earliest, found.latest, found.distinct) == ("2024-01-01", "2024-03-31", 91)
    assert sum(found.histogram.counts) == ROWS
    dates = np.array(["2024-01-01T10:30", "NaT"], "datetime64[us]")
    assert (facts(dates).missing, facts(dates).earliest) == (1, "2024-01-01 10:30:00")


def test_what_is_missing_or_infinite_in_arrays_is_counted():
    found = facts(np.array([1.5, np.nan, np.inf, 2.5]))
    assert (found.missing, found.infinite, found.spread.most) == (1, 1, 2.5)
    vectors = facts(np.array([[1.5, np.nan], [1.0, 2.0]]))
    assert (vectors.missing, vectors.shape) == (1, (2,))


ODD = [
    [], np.zeros(0), np.zeros((0, 3)), np.zeros(0, "datetime64[us]"), np.full(3, np.nan),
    pa.array([], pa.large_list(pa.int64())), pa.array([[]], pa.large_list(pa.large_string())),
    np.array([-1.7e308, 1.7e308]), np.full(3, np.finfo(float).max),
    ["-9e307", "0", "1", "9e307", "99", "99"], [""], ["x"], [" "], ["|"], ["\0"],
]  # fmt: skip


def test_odd_columns_have_facts_as_well():
    for column in ODD:
        with noted(column):
            facts(column)


@settings(max_examples=cases(30, 150), deadline=None)
@given(st.lists(st.text(max_size=8), max_size=30))
def test_any_text_has_facts_that_are_plain_json(cells):
    found = facts(cells)
    assert 0 <= found.missing <= len(cells)


@settings(max_examples=cases(20, 100), deadline=None)
@given(st.lists(st.floats(width=32), max_size=30), st.sampled_from(["float32", "float64"]))
def test_any_numbers_have_facts_that_are_plain_json(values, dtype):
    found = facts(np.array(values, dtype))
    finite = [value for value in values if np.isfinite(value)]
    assert found.missing + found.infinite == len(values) - len(finite)
    if found.histogram:
        assert sum(found.histogram.counts) == len(finite)


def test_the_penguins_as_they_are_shipped():
    found = {
        each.name: each for each in profile_table(open_table("resources/examples/penguins.csv"))
    }
    assert {name: each.kind for name, each in found.items()} == {
        "species": "category", "island": "category", "bill_length_mm": "number",
        "bill_depth_mm": "number", "flipper_length_mm": "whole number",
        "body_mass_g": "whole number", "sex": "category", "year": "whole number",
    }  # fmt: skip
    assert found["sex"].missing == 11

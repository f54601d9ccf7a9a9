"""What is offered to be learned from and to be predicted is what a first graph can be drawn for."""

from pathlib import Path

import numpy as np
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.data.profile.table_profile import profile_table
from engine.data.starter.column_roles import (
    can_be_target,
    default_target,
    exclusion_reason,
    looks_like_classes,
)
from engine.data.starter.target_heads import target_head
from engine.data.table.column_types import text_column
from engine.data.table.table import Table
from tests.engine.data.starter.test_starter_graph import INPUTS, ROWS, TARGETS, some
from tests.tiers import noted

ONE_VALUE = {
    "one label": some(["x", ""]),
    "one number": np.where(np.arange(ROWS) % 2, 7.0, np.nan),
}
COLUMNS = {**INPUTS, **{name: values for name, (values, _) in TARGETS.items()}, **ONE_VALUE}


def facts(columns):
    return profile_table(Table(Path("t.csv"), columns))


def test_a_column_is_offered_as_a_target_if_and_only_if_it_can_be_one():
    for name in COLUMNS:
        with noted(name):
            (known,) = facts({name: COLUMNS[name]})
            try:
                target_head(known, COLUMNS[name], "y")
            except DiagnosticError:
                assert not can_be_target(known)
            else:
                assert can_be_target(known)


def test_one_value_beside_missing_cells_can_not_be_predicted():
    assert not any(map(can_be_target, facts(ONE_VALUE)))


def test_the_last_column_that_can_be_predicted_is_the_usual_target():
    columns = {"height": INPUTS["height"], "mass": TARGETS["mass"][0], "story": INPUTS["story"]}
    assert default_target(facts(columns)) == "mass"
    assert default_target(facts({**columns, "id": np.arange(ROWS)})) == "mass"
    assert default_target(facts({"mass": TARGETS["mass"][0]})) is None, "nothing would be left"


@pytest.mark.parametrize(
    ("column", "why"),
    [
        (np.arange(ROWS), "looks like an identifier"),
        (some(["x"]), "the same"),
        (text_column([""] * ROWS), "empty"),
        (text_column([f"Firm{row} Inc{row // 2}" for row in range(ROWS)]), "like an identifier"),
        (text_column([f"{word} {row // 2}" for row in range(40) for word in ("a", "b")]), ""),
        (text_column([*["1.5"] * 58, "2,5", "3.5"]), "decimal comma"),
        (INPUTS["height"], ""),
    ],
)
def test_why_nothing_can_be_learned_from_a_column_is_said(column, why):
    (known,) = facts({"it": column})
    assert why in exclusion_reason(known) if why else exclusion_reason(known) == ""


@pytest.mark.parametrize(
    ("numbers", "is_class"),
    [
        (np.arange(600) % 10, True),  # classes of equal size
        (np.random.default_rng(0).binomial(12, 0.5, 5_000), False),  # the points of a test
        (np.random.default_rng(0).binomial(3, 0.5, 5_000), True),  # few values may be any
        (np.repeat(np.arange(7), [60, 9, 70, 17, 13, 9, 29]), True),  # more than one peak
        (np.repeat(np.arange(7), [70, 60, 55, 50, 45, 42, 40]), True),  # the mode is at an end
    ],
)
def test_numbers_around_one_inner_mode_are_quantities(numbers, is_class):
    (known,) = facts({"it": numbers})
    assert looks_like_classes(known) == is_class


@pytest.mark.parametrize(("values", "expected"), [([1, 2], True), ([1, 3], False)])
def test_two_whole_numbers_are_classes(values, expected):
    (known,) = facts({"it": np.resize(values, ROWS)})
    assert looks_like_classes(known) == expected

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
    unreadable_cell_warnings,
)
from engine.data.starter.target_heads import target_head
from engine.data.table.column_types import text_column
from engine.data.table.table import Table
from tests.engine.data.starter.test_starter_graph import INPUTS, ROWS, TARGETS, some
from tests.tiers import noted

COLUMNS = {**INPUTS, **{name: values for name, (values, _) in TARGETS.items()}}


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
        (text_column([*["1.5"] * 59, "x"]), "can't be read"),
        (INPUTS["height"], ""),
    ],
)
def test_why_nothing_can_be_learned_from_a_column_is_said(column, why):
    (known,) = facts({"it": column})
    assert why in exclusion_reason(known) if why else exclusion_reason(known) == ""


def test_cells_that_alone_keep_a_column_from_being_read_may_be_taken_as_missing():
    columns = {"age": text_column([*["31"] * 58, "n/a?", "n/a?"]), "size": INPUTS["height"]}
    (found,) = unreadable_cell_warnings(facts(columns))
    assert (
        found.message
        == "\"age\": 'n/a?' in row 58 can't be read as a number (2 of 60 rows, counting from 0)"
    )
    assert found.fixes[0].edit == {"do": "take_missing", "words": ["n/a?"]}


def test_decimal_commas_among_points_are_said_to_be_such_and_are_not_taken_as_missing():
    columns = {
        "heat": text_column([*["20.3"] * 58, "15,6", "9,1"]),
        "age": text_column([*["3"] * 59, "x"]),
    }
    commas, word = unreadable_cell_warnings(facts(columns))
    assert commas.message == (
        "\"heat\": '15,6' in row 58 looks like a decimal comma where others have points"
        " (2 of 60 rows, counting from 0)"
    )
    (fix,) = commas.fixes
    assert (fix.text[:20], fix.edit) == ("Write 15.6 for 15,6,", None)
    assert word.fixes[0].edit == {"do": "take_missing", "words": ["x"]}


def test_commas_beside_words_are_told_once_the_words_are_taken_as_missing():
    (first,) = unreadable_cell_warnings(
        facts({"heat": text_column([*["20.3"] * 58, "off", "9,1"])})
    )
    assert first.fixes[0].edit == {"do": "take_missing", "words": ["off"]}
    (then,) = unreadable_cell_warnings(facts({"heat": text_column([*["20.3"] * 58, "", "9,1"])}))
    assert "decimal comma" in then.message


def test_many_words_among_numbers_are_no_word_for_missing():
    cells = text_column([*["31"] * 50, *(f"about {n}" for n in range(10))])
    assert unreadable_cell_warnings(facts({"age": cells})) == ()

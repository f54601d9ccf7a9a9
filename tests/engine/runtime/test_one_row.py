"""What is wrong with a row that somebody has typed is told without a table, a file or a graph."""

from __future__ import annotations

import pytest

from engine.core.diagnostic import Diagnostic, Fix
from engine.runtime.one_row import of_one_row

KIND = Diagnostic(
    "column-kind", "the column is no number", node="text", found="'a'", expected="numbers"
)


@pytest.mark.parametrize(("lists", "said"), [((), "12.5"), (("text",), "[3, 17, 4]")])
def test_an_example_is_of_the_kind_that_its_input_takes(lists, said):
    told = of_one_row(KIND, lists)
    assert told.fixes == (Fix(f"Write it like {said}."),)
    assert told.message.startswith("'a' is no ")
    assert ("list" in told.message) == bool(lists)


def test_a_cell_that_is_left_out_is_asked_for_by_its_key():
    found = Diagnostic(
        "column-missing", 'the data has no column "text"', expected="text",
        fixes=(Fix("Map a column to text."),),
    )  # fmt: skip
    told = of_one_row(found)
    assert told.message == 'the row has no "text"'
    assert [fix.text for fix in told.fixes] == ['Give it a value, under the key "text".']

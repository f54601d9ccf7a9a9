"""What is wrong with a row that somebody has typed is told without a table, a file or a graph."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.preview.input_schema import InputField
from engine.runtime.serving.row_diagnostics import row_diagnostic

KIND = Diagnostic(
    "column-kind", "the column is no number", node="text", found="'a'", expected="numbers"
)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("number", "12.5"), ("ids", "[3, 17, 4]"), ("numbers", "[0.5, 12.5]"), ("array", "[[0.5, 1]")],
)
def test_an_example_is_of_the_kind_that_its_input_takes(kind, said):
    told = row_diagnostic(KIND, [InputField("text", "text", kind)])
    assert told.fixes[0].text.startswith(f"Write it like {said}")
    assert told.message.startswith("'a' is not a")
    assert ("list" in told.message) == (kind in ("ids", "numbers"))


def test_what_holds_no_cell_that_could_be_told_is_not_told_by_its_kind():
    told = row_diagnostic(replace(KIND, found="lists"), [InputField("text", "text", "ids")])
    assert told.message == "the value is not a list of integers"


def test_a_cell_that_is_left_out_is_asked_for_by_its_key():
    found = Diagnostic(
        "column-missing", 'the data has no column "text"; did you mean \'txt\'?', expected="text",
        fixes=(Fix("Map a column to text."),),
    )  # fmt: skip
    told = row_diagnostic(found, [])
    assert told.message == "the row has no \"text\"; did you mean 'txt'?"
    assert [fix.text for fix in told.fixes] == ['Give it a value, under the key "text".']

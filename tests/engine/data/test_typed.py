"""Rows that are typed as JSON: the columns of a table, strictly read."""

from pathlib import Path

import pytest

from engine.core.diagnostic import Refused
from engine.data.kinds import is_list, is_text
from engine.data.typed import typed_table


def test_rows_are_a_table_and_what_a_row_lacks_is_missing():
    table = typed_table(['{"name": "Ada", "age": 36,\n "ids": [1, 2]}', '{"age": null, "x": 1.5}'])
    assert table.rows == 2
    assert is_text(table.columns["name"])
    assert table.columns["name"].to_pylist() == ["Ada", ""]
    assert table.columns["age"][0] == 36
    assert table.columns["age"][1] != table.columns["age"][1]
    assert is_list(table.columns["ids"])


def test_pictures_are_looked_for_in_the_folder_that_is_named():
    assert typed_table(['{"x": 1}'], Path("photos")).path.parent == Path("photos")
    assert typed_table(['{"x": 1}']).path.parent == Path()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (["{"], "json-broken"),
        (["[1]"], "json-broken"),
        (["3"], "json-broken"),
        (['{"a": 1, "a": 2}'], "json-broken"),
        (['{"a": 1}', '{"a": "x"}'], "json-broken"),
        (['{"a": {"b": 1}}'], "array-dtype"),
        (["[" * 100_000], "json-broken"),
        (['{"a": "\udcff"}'], "json-broken"),
        (["{}"], "data-not-found"),
        ([" "], "data-not-found"),
    ],
)
def test_what_is_no_row_is_refused(rows, code):
    with pytest.raises(Refused) as refused:
        typed_table(rows)
    (found,) = refused.value.diagnostics
    assert found.code == code
    assert "jsonl" not in str(found.to_dict())


def test_a_fault_is_said_of_its_row_since_nobody_wrote_a_file():
    with pytest.raises(Refused) as refused:
        typed_table(['{"a": 1}', "{"])
    (found,) = refused.value.diagnostics
    assert found.place == "row 1 (counting from 0)"
    assert found.message.startswith("row 1 (counting from 0) is no JSON")
    with pytest.raises(Refused, match="the row"):
        typed_table(["{"])

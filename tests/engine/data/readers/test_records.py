"""Rows that are typed as JSON: the columns of a table, strictly read."""

from pathlib import Path

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.records import table_from_records
from engine.data.table.column_types import is_list, is_text
from tests.tiers import noted


def test_rows_are_a_table_and_what_a_row_lacks_is_missing():
    table = table_from_records(
        ['{"name": "Ada", "age": 36,\n "ids": [1, 2]}', '{"age": null, "x": 1.5}']
    )
    assert table.row_count == 2
    assert is_text(table.columns["name"])
    assert table.columns["name"].to_pylist() == ["Ada", ""]
    assert table.columns["age"][0] == 36
    assert table.columns["age"][1] != table.columns["age"][1]
    assert is_list(table.columns["ids"])


def test_pictures_are_looked_for_in_the_folder_that_is_named():
    assert table_from_records(['{"x": 1}'], Path("photos")).path.parent == Path("photos")
    assert table_from_records(['{"x": 1}']).path.parent == Path()


NO_ROWS = [
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
]


def test_what_is_no_row_is_refused():
    for rows, code in NO_ROWS:
        with noted(code):
            found = refused(*rows)
            assert found.code == code
            assert "jsonl" not in str(found.to_dict())


def refused(*rows):
    with pytest.raises(DiagnosticError) as refusal:
        table_from_records(rows)
    (found,) = refusal.value.diagnostics
    return found


def test_a_fault_is_said_of_its_row_since_nobody_wrote_a_file():
    found = refused('{"a": 1}', "{")
    assert found.place == "row 1 (counting from 0)"
    assert found.message == "row 1 (counting from 0) is not valid JSON"
    assert found.found.endswith("line 1 column 2 (char 1)")
    found = refused("{")
    assert (found.place, found.message) == ("the row", "the row is not valid JSON")


def test_what_was_typed_stays_as_it_was_typed():
    assert refused('"see line 3"').found == '"see line 3"'
    found = refused('{"line 2": {"b": 1}}')
    assert found.message.startswith('"line 2" holds objects')
    assert found.place == "column line 2 in the row"
    assert "line 7" in refused('{"a": 1}', '{"line 7": 1, "line 7": 2}').found


def test_values_of_several_kinds_are_told_by_row():
    found = refused('{"a": 1}', '{"a": "x"}')
    assert found.found == "text in row 1 (counting from 0), numbers in row 0 (counting from 0)"
    assert found.fixes[0].text.startswith("Use one type of value")

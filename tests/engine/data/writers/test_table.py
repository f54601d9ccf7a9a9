"""Tables as files: nothing lost, missing cells kept, and no cell that a program takes for code."""

import csv
import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.table_file import open_table
from engine.data.table.column_types import is_list, is_text, text_column
from engine.data.writers.table import WRITABLE_EXTENSIONS, write_table
from engine.recipe.csv_dialect import Dialect
from tests.tiers import cases

STARTS = (*"=+-@＝＋－＠", "\t", "\r", "\0")
DAYS = np.array(["2024-02-29", "NaT", "1969-12-31"], "datetime64[us]")
TABLE = {
    "name": text_column(["ant", "", 'bee, "queen"\n; |']),
    "count": np.array([1, -2, 3]),
    "size": np.array([1.5, np.nan, -0.25]),
    "small": np.array([0.1, np.nan, 1 / 3], "float32"),
    "day": DAYS,
    "ids": pa.array([[1, 2], [], [3]], pa.large_list(pa.int64())),
}


def told(path):
    """Return the columns of a file as Python's values."""
    columns = open_table(path).columns
    return {
        name: column.to_pylist() if is_text(column) or is_list(column) else column.tolist()
        for name, column in columns.items()
    }


@pytest.mark.parametrize("ending", [".csv", ".tsv"])
def test_a_missing_value_is_an_empty_cell_and_a_list_is_json(tmp_path, ending):
    assert write_table(tmp_path / f"t{ending}", TABLE) == []
    read = told(tmp_path / f"t{ending}")
    assert read["name"] == ["ant", "", 'bee, "queen"\n; |']
    assert read["size"] == ["1.5", "", "-0.25"]
    assert read["small"] == ["0.1", "", "0.33333334"]
    assert read["day"] == ["2024-02-29", "", "1969-12-31"]
    assert read["ids"] == ["[1, 2]", "[]", "[3]"]


def test_parquet_arrow_and_json_lines_keep_the_kinds_and_the_holes(tmp_path):
    for ending in (".parquet", ".arrow", ".jsonl"):
        write_table(tmp_path / f"t{ending}", TABLE)
        read = told(tmp_path / f"t{ending}")
        assert read["name"] == TABLE["name"].to_pylist()
        assert read["count"] == [1, -2, 3]
        np.testing.assert_array_equal(read["size"], TABLE["size"])
        np.testing.assert_allclose(read["small"], TABLE["small"], rtol=1e-7)
        assert read["ids"] == [[1, 2], [], [3]]
    stored = pq.read_table(tmp_path / "t.parquet")
    assert [stored[name].null_count for name in stored.column_names] == [1, 0, 1, 1, 1, 0]
    lines = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()]
    assert lines[1] == {
        "name": None, "count": -2, "size": None, "small": None, "day": None, "ids": [],
    }  # fmt: skip
    assert lines[0]["small"] == 0.1


def test_an_npz_holds_the_columns_without_pickles(tmp_path):
    write_table(
        tmp_path / "t.npz", {"file": text_column(["größer", ""]), "n": np.ones((2, 3), "float32")}
    )
    with np.load(tmp_path / "t.npz", allow_pickle=False) as back:
        assert set(back) == {"file", "n"}
        assert back["file"].tolist() == ["größer", ""]
        assert back["n"].dtype == np.float32


def test_arrays_with_axes_of_their_own_have_no_room_in_a_csv_and_that_is_told(tmp_path):
    table = {"pixels": np.arange(12.0).reshape(2, 2, 3), "one": np.ones((2, 1)), "n": np.arange(2)}
    (note,) = write_table(tmp_path / "t.csv", table)
    assert (note.code, note.severity) == ("column-not-written", "info")
    assert '"pixels" is left out' in note.message
    assert list(told(tmp_path / "t.csv")) == ["one", "n"]
    for ending in (".parquet", ".feather", ".npz"):
        assert write_table(tmp_path / f"t{ending}", table) == []
        assert told(tmp_path / f"t{ending}")["pixels"] == table["pixels"].tolist()


def test_a_csv_in_which_no_column_has_room_is_refused(tmp_path):
    with pytest.raises(DiagnosticError) as refused:
        write_table(tmp_path / "t.csv", {"pixels": np.ones((2, 3))})
    assert [found.code for found in refused.value.diagnostics] == ["column-not-written"]
    assert not (tmp_path / "t.csv").exists()


def test_a_csv_is_written_as_the_one_that_its_rows_come_from(tmp_path):
    table = {"n": np.array([1.5, 2]), "t": text_column(["a;b", "3,5"])}
    write_table(tmp_path / "t.csv", table, Dialect(delimiter=";", decimal=","))
    assert (tmp_path / "t.csv").read_text() == 'n;t\n1,5;"a;b"\n2;3,5\n'
    write_table(tmp_path / "t.csv", table, Dialect(delimiter="\t"))
    assert (tmp_path / "t.csv").read_text() == 'n,t\n1.5,a;b\n2,"3,5"\n'


def test_no_cell_or_title_of_a_csv_is_a_formula(tmp_path):
    for start in STARTS:
        said = f"{start}cmd|' /C calc'!A0"
        write_table(tmp_path / "t.csv", {said: text_column([said])})
        with (tmp_path / "t.csv").open(newline="") as file:
            assert [row[0] for row in csv.reader(file)] == [f"'{said}"] * 2


def test_negative_numbers_stay_numbers_even_where_they_stand_as_text(tmp_path):
    cells = text_column(["-1.5", "+2,5", "-1e-3", "-1+1", "-x"])
    write_table(tmp_path / "t.csv", {"y": np.array([-1.5, 2, -3, 0, 1]), "t": cells})
    assert (tmp_path / "t.csv").read_text().splitlines() == [
        "y,t", "-1.5,-1.5", '2,"+2,5"', "-3,-1e-3", "0,'-1+1", "1,'-x",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_no_digit_of_a_number_is_lost_in_a_csv_and_none_is_made_up(tmp_path, kind):
    numbers = np.array([1 / 3, 0.1, 123456789.123, 1e-30, -0.0, 5, np.inf], kind)
    write_table(tmp_path / "t.csv", {"y": numbers})
    cells = (tmp_path / "t.csv").read_text().splitlines()[1:]
    assert np.array(cells).astype(kind).tobytes() == numbers.tobytes()
    assert cells[1] == "0.1"
    assert cells[5] == "5"


CELLS = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)


@pytest.mark.slow
@settings(max_examples=cases(40, 200), deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=50), st.sampled_from(",;|\t"))
def test_any_texts_are_read_back_by_python_and_none_is_a_formula(tmp_path_factory, rows, sign):
    """A thousand tables of texts: what comes back differs by the sign before a formula at most."""
    path = tmp_path_factory.mktemp("t") / ("t.tsv" if sign == "\t" else "t.csv")
    said = None if sign == "\t" else Dialect(delimiter=sign)
    write_table(
        path,
        {"a": text_column(one for one, _ in rows), "b": text_column(two for _, two in rows)},
        said,
    )
    with path.open(newline="", encoding="utf-8") as file:
        read = list(csv.reader(file, delimiter=sign))
    assert read[0] == ["a", "b"]
    for wrote, row in zip(rows, read[1:], strict=True):
        for cell, found in zip(wrote, row, strict=True):
            number = re.fullmatch(r"[+-][0-9.,]+([eE][+-]?[0-9]+)?", cell)
            formula = cell.startswith(STARTS) and not number
            assert found == (f"'{cell}" if formula else cell)


@settings(max_examples=cases(10, 50), deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=9))
def test_a_table_of_one_column_keeps_its_empty_cells(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    write_table(path, {"a": text_column(cells)})
    with path.open(newline="", encoding="utf-8") as file:
        assert len(list(csv.reader(file))) == 1 + len(cells)


def test_a_table_without_rows_has_its_titles(tmp_path):
    table = {"a": text_column([]), "b": np.zeros(0)}
    for ending in WRITABLE_EXTENSIONS:
        write_table(tmp_path / f"t{ending}", table)
    assert (tmp_path / "t.csv").read_text() == "a,b\n"


@pytest.mark.parametrize("name", ["out.xlsx", "out", "out.json"])
def test_another_ending_is_refused_and_nothing_is_written(tmp_path, name):
    with pytest.raises(DiagnosticError) as caught:
        write_table(tmp_path / name, {"y": np.zeros(1)})
    (found,) = caught.value.diagnostics
    assert found.code == "data-format"
    assert found.fixes[0].text == "Name it out.csv."
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_a_finding(tmp_path):
    with pytest.raises(DiagnosticError):
        write_table(tmp_path / "nowhere" / "out.csv", {"y": np.zeros(1)})

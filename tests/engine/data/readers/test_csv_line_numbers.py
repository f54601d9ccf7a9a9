"""Rows at fault in a CSV are named by their lines, too, as an editor counts them."""

import pytest

from engine.core.affected_rows import AffectedRows
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.tensor_spec import TensorSpec
from engine.data.dataset.dataset import build_dataset
from engine.data.readers.csv_line_numbers import add_line_numbers
from engine.data.readers.table_file import open_table
from engine.recipe.data_mapping import DataMapping


def place_of(tmp_path, text, folder=False):
    path = tmp_path / ("train.csv" if folder else "t.csv")
    path.write_text(text, encoding="utf-16" if folder else "utf-8")
    table = open_table(tmp_path if folder else path)
    with pytest.raises(DiagnosticError) as refused:
        build_dataset(table, DataMapping(), {"x": TensorSpec((1,))}, [])
    return refused.value.diagnostics[0].place


@pytest.mark.parametrize("folder", [False, True])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('x,y\n1.5,a\n"2,5",b\n3,c\n', "row 1 (counting from 0), line 3 of the file"),
        ('x,y\n1.5,a\n\n"2,5",b\n3,c\n', "row 1 (counting from 0), line 4 of the file"),
        ('x,y\n1.5,"a\nb\nc"\n"2,5",b\n3,c\n4,d\n5,e\n"6,5",f\n',
         "rows 1, 5 (counting from 0), lines 5, 9 of the file"),
    ],
)  # fmt: skip
def test_rows_are_told_with_their_lines(text, told, folder, tmp_path):
    assert place_of(tmp_path, text, folder) == f"column x, {told}"


def test_a_table_without_a_header_counts_from_its_first_line(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("1,2\n3,4\n")
    found = Diagnostic("cell-missing", "x", place="row 1", rows=AffectedRows((1,), 1, 2))
    assert add_line_numbers([found], path, None)[0].place.endswith("line 2 of the file")


def test_where_no_line_can_be_told_the_rows_stand_alone(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("x\n1\n2\n")
    found = [
        Diagnostic("cell-missing", "x", place="column x", rows=AffectedRows((9,), 1, 10)),
        Diagnostic("cell-missing", "x"),
    ]
    assert add_line_numbers(found, path, None) == found
    path.unlink()
    assert add_line_numbers(found, path, None) == found

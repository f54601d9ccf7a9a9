"""The rows below the charts of an output: what the table holds, beside what is said of them."""

from __future__ import annotations

from pathlib import Path

from app.results.evaluation.rows_table import read_cells
from engine.recipe.csv_dialect import Dialect


def cells_of(path: Path, rows: list[int]) -> object:
    reported: list[object] = []
    read_cells(path, rows, Dialect(), reported.append)
    (cells,) = reported
    return cells


def test_numbers_with_decimal_commas_are_shown_with_the_points_of_the_predictions(tmp_path):
    path = tmp_path / "german.csv"
    path.write_text("a;b;day\n" + "".join(f"{row},5;x, {row};2.3.2024\n" for row in range(30)))
    assert cells_of(path, [3, 7]) == {
        3: {"a": "3.5", "b": "x, 3", "day": "2.3.2024"},
        7: {"a": "7.5", "b": "x, 7", "day": "2.3.2024"},
    }


def test_the_cells_of_a_table_with_points_stay_as_they_are(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n" + "".join(f'{row}.5,"1,{row}"\n' for row in range(30)))
    assert cells_of(path, [3]) == {3: {"a": "3.5", "b": "1,3"}}

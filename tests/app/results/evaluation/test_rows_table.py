"""The rows below the charts of an output: what the table holds, beside what is said of them."""

from __future__ import annotations

from app.results.evaluation.rows_table import CellReader
from engine.recipe.csv_dialect import Dialect


def test_numbers_with_decimal_commas_are_shown_with_the_points_of_the_predictions(tmp_path, qtbot):
    path = tmp_path / "german.csv"
    path.write_text("a;b;day\n" + "".join(f"{row},5;x, {row};2.3.2024\n" for row in range(30)))
    reader = CellReader()
    with qtbot.waitSignal(reader.cells_ready) as read:
        reader.request(path, [3, 7], Dialect())
    assert read.args[0] == {
        3: {"a": "3.5", "b": "x, 3", "day": "2.3.2024"},
        7: {"a": "7.5", "b": "x, 7", "day": "2.3.2024"},
    }


def test_the_cells_of_a_table_with_points_stay_as_they_are(tmp_path, qtbot):
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n" + "".join(f'{row}.5,"1,{row}"\n' for row in range(30)))
    reader = CellReader()
    with qtbot.waitSignal(reader.cells_ready) as read:
        reader.request(path, [3], Dialect())
    assert read.args[0] == {3: {"a": "3.5", "b": "1,3"}}

"""A cell reads the same wherever it is shown, and says what it holds."""

import numpy as np
import pyarrow as pa

from engine.data.table.cell_format import format_cell, format_cells
from engine.data.table.column_types import text_column
from tests.tiers import noted

WRITTEN_CELLS = [
    ("two\n  lines", "two lines"),
    ("", ""),
    (None, ""),
    ([1, 2], "1, 2"),
    (np.float64("nan"), ""),
    (np.float32(0.1), "0.1000000015"),
    (np.float64(1e300), "1e+300"),
    (np.int64(12_345_678_901), "12345678901"),
    (np.bool_(True), "True"),
    (np.array([2.5]), "2.5"),
    (np.zeros((0, 3)), ""),
    (np.array([1.0, 0.25]), "1, 0.25"),
    (np.array([23_610, 8]), "23610, 8"),
    (np.array([-0.0, 1.0]), "0, 1"),
    (np.array([1e12, -1234.5, np.inf]), "1.00e+12, -1234, inf"),
    (np.arange(12.0).reshape(3, 4), "0, 1, 2, 3, 4, 5, 6, 7, … (3 × 4)"),
    (np.datetime64("NaT", "us"), ""),
    (np.datetime64("2024-02-01"), "2024-02-01"),
    (np.datetime64("2024-02-01T00:00", "us"), "2024-02-01"),
    (np.datetime64("2024-02-01T18:30", "us"), "2024-02-01 18:30:00"),
    (np.datetime64("2024-02-01T18:30:00.25", "us"), "2024-02-01 18:30:00.25"),
]


def test_a_cell_reads_as_a_person_writes_it():
    for cell, said in WRITTEN_CELLS:
        with noted(cell, said):
            assert format_cell(cell) == said


def test_long_texts_and_lists_are_cut_off_where_it_is_asked():
    assert format_cell("word " * 40) == ("word " * 12)[:57] + "..."
    assert len(format_cell("x" * 1000, 300)) == 300
    assert len(format_cell(list(range(1000)), 300)) == 300


def test_columns_of_every_kind_are_told_cell_by_cell():
    columns = {
        "texts": text_column(["a", ""]),
        "lists": pa.array([[1, 2], [3]], pa.large_list(pa.int64())),
        "numbers": np.array([1.5, np.nan]),
        "dates": np.array(["2024-01-01", "NaT"], "datetime64[us]"),
    }
    found = [list(format_cells(column)) for column in columns.values()]
    assert found == [["a", ""], ["1, 2", "3"], ["1.5", ""], ["2024-01-01", ""]]

"""What is called after a table keeps the table's own name."""

from pathlib import Path

import pytest

from app.text.node_names import table_name


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("rows.csv", "rows"),
        ("sales.2024.csv", "sales.2024"),
        ("sales.2024.csv.gz", "sales.2024"),
        ("v1.2 rows.parquet", "v1.2 rows"),
    ],
)
def test_only_the_ending_goes(file, name):
    assert table_name(Path(file)) == name


def test_a_folder_keeps_its_whole_name(tmp_path):
    (tmp_path / "rows.v2").mkdir()
    assert table_name(tmp_path / "rows.v2") == "rows.v2"

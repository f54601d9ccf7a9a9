"""Limits that all readers share."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.table_file import open_table, read_table_chunks
from engine.data.table import table

NAMES = [f"c{index}" for index in range(21)]


def test_a_table_of_too_many_columns_is_refused_with_a_way_on(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "MAX_COLUMNS", 20)
    path = tmp_path / "t.csv"
    row = ",".join(["1"] * len(NAMES))
    path.write_text(f"{','.join(NAMES)}\n{row}\n{row}\n")
    json_path = tmp_path / "t.jsonl"
    json_path.write_text(json.dumps(dict.fromkeys(NAMES, 1)) + "\n")
    arrow_path = tmp_path / "t.arrow"
    feather.write_feather(pa.table({name: [1] for name in NAMES}), arrow_path)
    for read in (
        lambda: open_table(path),
        lambda: list(read_table_chunks(path)),
        lambda: open_table(json_path),
        lambda: next(read_table_chunks(json_path)),
        lambda: next(read_table_chunks(arrow_path)),
    ):
        with pytest.raises(DiagnosticError) as caught:
            read()
        (found,) = caught.value.diagnostics
        assert (found.code, found.found) == ("data-too-large", "21 columns")
        assert "numpy.savez" in found.fixes[0].text


def test_as_one_array_the_same_numbers_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "MAX_COLUMNS", 20)
    np.savez(tmp_path / "t.npz", x=np.ones((2, len(NAMES)), "float32"), y=np.zeros(2))
    assert list(open_table(tmp_path / "t.npz").columns) == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "missing", "is_told"),
    [("a~price\n1~2\n", "price", True), ("user_id,b\n1,2\n", "id", False), ("a\n1\n", "b", False)],
)
def test_only_lines_that_were_not_split_are_said_to_need_a_delimiter(
    tmp_path, text, missing, is_told
):
    """A column whose name is a part of another one has nothing to do with delimiters."""
    (tmp_path / "t.csv").write_text(text)
    fixes = open_table(tmp_path / "t.csv").header_fixes(missing)
    assert any("commas, semicolons, tabs or bars" in fix.text for fix in fixes) == is_told

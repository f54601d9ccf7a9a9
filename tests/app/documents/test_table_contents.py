"""The window reads shards as it reads a file, and notices if one of them changes."""

from __future__ import annotations

import os

from app.documents.table_contents import data_stamp, read_contents
from engine.recipe.csv_dialect import Dialect


def test_shards_are_read_and_watched(tmp_path):
    for index in range(3):
        (tmp_path / f"part-{index}.csv").write_text(f"x\n{index}\n")
    pattern, reported = tmp_path / "part-*.csv", []
    read_contents(pattern, Dialect(), reported.append)
    contents = reported[-1]
    assert (contents.row_count, contents.errors, len(contents.stamp)) == (3, (), 3)
    assert data_stamp(pattern) == contents.stamp
    os.utime(tmp_path / "part-1.csv", (1, 1))
    assert data_stamp(pattern) != contents.stamp
    assert len(data_stamp(tmp_path)) == 4


def test_a_sheet_is_watched_by_its_file(tmp_path):
    book = tmp_path / "prices.xlsx"
    book.write_bytes(b"x")
    sheet = tmp_path / "prices.xlsx#2024"
    before = data_stamp(sheet)
    assert before == data_stamp(book) != ()
    os.utime(book, (1, 1))
    assert data_stamp(sheet) != before

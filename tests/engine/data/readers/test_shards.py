"""Shards are one table in the order of their names, wherever they are and whatever their format."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.core.formatting.shell import shell_path
from engine.core.formatting.urls import absolute_text, path_text
from engine.data.readers.row_reader import read_table_rows
from engine.data.readers.shards import find_shards, footer_row_count
from engine.data.readers.table_file import open_table, read_table_chunks

TABLE = pa.table({"x": np.arange(50.0), "word": [f"w{row % 7}" for row in range(50)]})
LENGTHS = (20, 0, 30)


def parts(table=TABLE):
    start = 0
    for length in LENGTHS:
        yield table.slice(start, length)
        start += length


def csv_text(part):
    rows = zip(*(column.to_pylist() for column in part.columns), strict=True)
    lines = [",".join(part.column_names), *(",".join(map(str, row)) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def save(folder, kind=".parquet"):
    """Write the parts of `TABLE` into a folder, in other than the order of names."""
    folder.mkdir(exist_ok=True)
    for index, part in reversed([*enumerate(parts())]):
        file = folder / f"part-{index}{kind}"
        match kind:
            case ".parquet":
                pq.write_table(part, file)
            case ".arrow":
                feather.write_feather(part, file, compression="uncompressed")
            case ".jsonl":
                rows = part.to_pylist() or [{"x": 0.0, "word": ""}] * 0
                file.write_text("".join(f'{{"x":{r["x"]},"word":"{r["word"]}"}}\n' for r in rows))
            case ".csv.gz":
                file.write_bytes(gzip.compress(csv_text(part)))
            case _:
                file.write_bytes(csv_text(part))
    return folder


def refusal(path):
    with pytest.raises(DiagnosticError) as error:
        open_table(path)
    with pytest.raises(DiagnosticError):
        list(read_table_chunks(path))
    return error.value.diagnostics[0]


@pytest.mark.parametrize("kind", [".parquet", ".arrow", ".csv", ".csv.gz"])
def test_pattern_folder_and_url_name_the_same_table(kind, tmp_path):
    folder = save(tmp_path / "shards", kind)
    (folder / "_SUCCESS").write_text("")
    (folder / ".part-0.crc").write_text("x")
    for path in (folder, folder / "part-*", Path(f"file://{folder}"), Path(f"file://{folder}/p*")):
        table = open_table(path)
        assert [str(cell) for cell in table.columns["word"]] == TABLE["word"].to_pylist()
        assert np.array_equal([float(str(cell)) for cell in table.columns["x"]], TABLE["x"])
        assert [note.code for note in table.notes] == ["shards-joined"]
        chunks = list(read_table_chunks(path, ["x"], 7))
        assert [chunk.row_count for chunk in chunks] == [7, 7, 6, 7, 7, 7, 7, 2]
        assert str(read_table_rows(path, [49, 20]).columns["word"][1]) == "w6"


def test_a_folder_is_read_as_shards_only_if_nothing_else_is_meant(tmp_path):
    folder = save(tmp_path / "shards")
    pq.write_table(TABLE.slice(0, 3), folder / "train.parquet")
    assert open_table(folder).row_count == 3
    (folder / "train.parquet").unlink()
    (folder / "notes.csv").write_text("x,word\n1,a\n")
    assert refusal(folder).found == "3 .parquet files, 1 .csv file"
    assert open_table(folder / "*.parquet").row_count == 50


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path):
    file = tmp_path / "part-[0].csv"
    file.write_bytes(csv_text(TABLE.slice(0, 5)))
    (tmp_path / "part-0.csv").write_bytes(csv_text(TABLE))
    assert open_table(file).row_count == 5


def test_footers_state_the_numbers_of_rows(tmp_path):
    assert footer_row_count(find_shards(save(tmp_path / "a"))) == sum(LENGTHS)
    assert footer_row_count(find_shards(save(tmp_path / "b", ".csv"))) is None


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ({"x": np.zeros(5), "other": np.zeros(5)}, "other (numbers)"),
        ({"x": np.zeros(5)}, "fewer columns"),
        ({"x": ["1"] * 5, "word": ["a"] * 5}, "x (text)"),
        ({"x": list(np.zeros((5, 2))), "word": ["a"] * 5}, "x (lists of double)"),
    ],
)
def test_shards_with_other_columns_are_named(column, found, tmp_path):
    folder = save(tmp_path / "shards")
    pq.write_table(pa.table(column), folder / "part-1.parquet")
    diagnostic = refusal(folder)
    assert (diagnostic.code, diagnostic.found) == ("shards-differ", found)
    assert "part-0.parquet" in diagnostic.message
    assert "part-1.parquet" in diagnostic.message


def test_a_shard_without_rows_decides_no_type(tmp_path):
    pq.write_table(pa.table({"word": [], "x": []}), tmp_path / "a.parquet")
    pq.write_table(TABLE, tmp_path / "b.parquet")
    table = open_table(tmp_path)
    assert [*table.columns] == ["x", "word"]
    assert table.columns["x"].dtype == np.float64
    assert sum(chunk.row_count for chunk in read_table_chunks(tmp_path, ["x"])) == 50
    (tmp_path / "b.parquet").unlink()
    assert open_table(tmp_path).row_count == 0


def test_a_damaged_shard_is_named_and_the_others_are_not(tmp_path):
    folder = save(tmp_path / "shards")
    data = (folder / "part-2.parquet").read_bytes()
    (folder / "part-2.parquet").write_bytes(data[:-9])
    assert refusal(folder).place == str(folder / "part-2.parquet")
    (folder / "part-2.parquet").write_bytes(b"")
    assert refusal(folder).code == "no-rows"


@pytest.mark.parametrize(
    "name", ["a b\n.csv", "-x.csv", "%41.csv", "é✓.csv", "a*b?.csv", "=1+1.csv"]
)
def test_hostile_names_are_names(name, tmp_path):
    for file in (name, "zz.csv"):
        (tmp_path / file).write_bytes(csv_text(TABLE.slice(0, 5)))
    for path in (tmp_path, tmp_path / "*.csv", Path(f"file://{tmp_path}")):
        assert open_table(path).row_count == 10


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("none/*.parquet", "data-not-found"),
        ("file:///nowhere/at/all", "data-not-found"),
        ("s3://key:secret@bucket/folder", "data-url"),
        ("nope://bucket/folder", "data-url"),
        ("file:///*/folder/x", "data-not-found"),
        ("file:///a b", "data-url"),
        ("s3:///", "data-not-found"),
    ],
)
def test_what_is_not_there_or_can_not_be_opened_is_a_diagnostic(path, code):
    found = refusal(Path(path))
    assert found.code == code
    assert "secret" not in str(found)
    assert path_text(path).startswith(path[:4])


@pytest.mark.parametrize(
    "url",
    [
        "s3://bucket/a/*.parquet",
        "gs://bucket/a",
        "s3://b/a?endpoint_override=http://h:1",
        "file:///a",
    ],
)
def test_a_url_is_the_same_after_it_was_a_path(url):
    path = Path(url)
    assert path_text(path) == absolute_text(path) == absolute_text(Path(str(path))) == url
    assert shell_path(path).strip("'") == url


def test_paths_are_no_urls(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s3:").mkdir()
    assert path_text("s3:") == "s3:"
    assert absolute_text("a/*.csv") == str(tmp_path / "a" / "*.csv")

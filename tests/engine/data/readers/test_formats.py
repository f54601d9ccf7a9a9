"""JSON, zip files, workbooks and sparse matrices have the values of what was written."""

from __future__ import annotations

import bz2
import datetime
import json
import lzma
import sys

import numpy as np
import openpyxl
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.binary import zip_file
from engine.data.readers.shards import find_shards
from engine.data.readers.table_file import open_table
from engine.data.readers.text import json_records
from tests.engine.data.readers.test_sources import archive, zstd


def refusal(path):
    with pytest.raises(DiagnosticError) as error:
        open_table(path)
    (found,) = error.value.diagnostics
    assert found.fixes
    return found


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
RECORDS = st.lists(st.dictionaries(st.text(), VALUES | st.lists(VALUES), max_size=4))


@given(RECORDS, st.sampled_from([None, 0, 3]), st.integers(1, 9))
def test_each_record_becomes_a_line_wherever_blocks_end(records, indent, size):
    with pytest.MonkeyPatch.context() as patch:
        folder = patch_folder(patch, size)
        (folder / "t.json").write_text(json.dumps(records, indent=indent))
        lines = b"".join(json_records.json_blocks(folder / "t.json")).decode().split("\n")
    assert [json.loads(line) for line in lines if line] == records


def patch_folder(patch, size):
    from engine.core.files.process_folder import new_process_folder

    patch.setattr(json_records, "READ_BLOCK_SIZE", size)
    return new_process_folder()


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        ('[{"a": 1}, {"a": "x"}]', "record 2", "text in record 2, numbers in record 1"),
        ('[{"a": 1}, {"a": 2', "record 2", "Expecting ',' delimiter"),
        ('[{"a": 1} {"a": 2}]', "record 2", "Expecting ',' or the end of the list after a record"),
        ('[{"a": 1}, {"a": 2}', "record 3", "Expecting ',' or the end of the list after a record"),
        ('[{"a": 1}, ]', "record 2", "Expecting value"),
        ('[{"a": 1}, {"a": 2},', "record 3", "Expecting ']' at the end of the list"),
        ('[{"a": 1}, null]', "record 2", "null"),
        ('[{"a": 1}], 2', "record 2", "Expecting ',' or the end of the list after a record"),
        ('[{"a": 1}, 3]', "record 2", None),
        ('{"a": [{"x": 1}], "b": [{"x": 1}]}', "record 1", "2 lists of records: 'a', 'b'"),
        ("[" * 200_000, "record 1", None),
    ],
)
def test_a_wrong_record_is_named(tmp_path, text, place, found):
    (tmp_path / "t.json").write_text(text)
    refused = refusal(tmp_path / "t.json")
    assert (refused.code, refused.place) == ("json-broken", place)
    assert found in (None, refused.found)
    assert '"t.json"' in refused.message


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zst"])
def test_damaged_and_huge_compressed_files_are_refused(tmp_path, ending):
    import gzip

    pack = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd}[ending]
    path = tmp_path / f"t.csv.{ending}"
    path.write_bytes(pack(b"a,b\n" + b"1,2\n" * 9_999)[:-9])
    assert refusal(path).code in ("file-damaged", "data-too-large")
    path.write_bytes(b"no " * 99)
    assert refusal(path).code == "file-damaged"
    path.write_bytes(pack(b"a,b\n" + b"1,2\n" * 2**23))
    assert refusal(path).code == "archive-odd"


def test_zip_files_are_limited_and_checked(tmp_path, monkeypatch):
    assert refusal(archive(tmp_path, {"a.png": b"x"})).found == "a.png"
    assert refusal(archive(tmp_path, {"a.csv": b"x", "b.jsonl": b"x"})).code == "data-not-found"
    path = archive(tmp_path, {"a.csv": b"a,b\n1,2\n"})
    data = path.read_bytes()
    path.write_bytes(
        data.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    )
    assert refusal(path).code == "archive-odd"
    path.write_bytes(data[:-9])
    assert refusal(path).code == "data-format"
    monkeypatch.setattr(zip_file, "SUSPICIOUS_SIZE", 2**20)
    archive(tmp_path, {"a.csv": b"0" * 2**21})
    assert refusal(path).code == "data-too-large"


def test_a_member_of_a_zip_file_can_be_named(tmp_path):
    path = archive(tmp_path, {"a.csv": b"a\n1\n", "b.csv": b"a\n2\n", "c.jsonl": b'{"z": 1}'})
    assert list(open_table(f"{path}#c.jsonl").columns) == ["z"]
    assert refusal(f"{path}#none.csv").found == "a.csv, b.csv, c.jsonl"
    assert refusal(f"{tmp_path}/t.csv#a").code == "data-not-found"
    nested = archive(tmp_path, {"a.zip": path.read_bytes()})
    assert refusal(nested).code == "data-not-found"
    assert refusal(f"{nested}#a.zip").code == "data-not-found"


def test_a_zip_file_is_read_as_the_folder_in_it(tmp_path):
    hidden = {"__MACOSX/t/._a.csv": b"x", "t/.DS_Store": b"x"}
    path = archive(tmp_path, {"t/a.csv": b"a\n1\n", "t/README.txt": b"hello", **hidden})
    assert [shard.name for shard in find_shards(path)] == [f"{path}/a.csv"]
    for name in ("../a.csv", "t/../../a.csv"):
        archive(tmp_path, {name: b"a\n1\n"})
        assert refusal(path).code == "data-not-found"
        assert not list(tmp_path.rglob("a.csv"))


def test_a_message_about_a_zip_file_keeps_its_words(tmp_path):
    path = archive(tmp_path, {"data/a.py": b"1", "data/b.md": b"2"})
    assert refusal(path).message == f'there is no data at "{path}"'
    assert refusal(f"{path}#c.csv").message == f'there is no data at "{path}#c.csv"'


def test_partitions_are_columns(tmp_path):
    for name, rows in (
        ("year=2024/city=K%C3%B6ln", 2),
        ("year=2025/city=__HIVE_DEFAULT_PARTITION__", 1),
    ):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "part-0.csv").write_text("x\n" + "1\n" * rows)
    for path in (tmp_path, tmp_path / "year=*" / "*" / "*.csv"):
        columns = open_table(path).columns
        assert list(columns) == ["x", "year", "city"]
        assert columns["city"].to_pylist() == ["Köln", "Köln", ""]
        assert columns["year"].to_pylist() == ["2024", "2024", "2025"]
    (tmp_path / "year=2026").mkdir()
    (tmp_path / "year=2026" / "part-0.csv").write_text("x\n1\n")
    assert refusal(tmp_path).code == "shards-differ"


def test_files_beside_shards_are_no_shards(tmp_path):
    (tmp_path / "part-0.csv").write_text("a\n1\n")
    (tmp_path / "README.txt").write_text("hello")
    (tmp_path / "metadata.json").write_text("{}")
    assert [shard.name for shard in find_shards(tmp_path)] == [str(tmp_path / "part-0.csv")]


def book(path, **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def test_cells_of_a_sheet_keep_their_types(tmp_path):
    day = datetime.date(2024, 2, 29)
    rows = [
        ("n", "x", "day", "time", "flag", "mixed"),
        (1, 1.5, day, datetime.datetime(2024, 1, 1, 12), True, 7),
        (2, None, None, None, False, "a"),
    ]
    table = open_table(book(tmp_path / "t.xlsx", First=rows))
    columns = table.columns
    assert (columns["n"].tolist(), columns["n"].dtype) == ([1, 2], np.int64)
    assert np.array_equal(columns["x"], [1.5, np.nan], equal_nan=True)
    assert columns["day"].astype(str).tolist() == ["2024-02-29T00:00:00.000000", "NaT"]
    assert columns["time"].astype(str)[0] == "2024-01-01T12:00:00.000000"
    assert columns["flag"].tolist() == [1, 0]
    assert columns["mixed"].to_pylist() == ["7", "a"]
    assert table.notes == ()


def test_a_sheet_is_named_or_the_first_one_is_said(tmp_path):
    path = book(tmp_path / "t.xlsx", One=[["a"], [1]], Two=[["b"], [2], [3]])
    (note,) = open_table(path).notes
    assert (note.code, note.message) == ("sheet-chosen", 'the sheet "One" of "t.xlsx" was read')
    table = open_table(f"{path}#Two")
    assert (table.row_count, table.notes) == (2, ())
    missing = refusal(f"{path}#Three")
    assert (missing.code, missing.found) == ("data-not-found", "One, Two")
    assert missing.fixes[0].text == "Name one of its sheets: 't.xlsx#One'."


def test_numbers_too_large_for_integers_keep_their_values(tmp_path):
    path = book(tmp_path / "t.xlsx", One=[["a", "b"], [1e300, 2**53 - 1], [1, 1]])
    columns = open_table(path).columns
    assert columns["a"].tolist() == [1e300, 1]
    assert (columns["b"].tolist(), columns["b"].dtype) == ([2**53 - 1, 1], np.int64)


@pytest.mark.parametrize(
    ("first", "columns"),
    [
        ((5, 0, 9), ["a", "b"]),
        ((5, 5, 0), ["column_1", "a", "b"]),
        ((1990, 2000, 2010), ["column_1", "a", "b"]),
        ((0, 1, None), ["column_1", "a", "b"]),
        (("x", "y", "z"), ["column_1", "a", "b"]),
    ],
)
def test_an_index_of_pandas_in_a_workbook_is_left_out(tmp_path, first, columns):
    rows = [[None, "a", "b"], *([cell, 1, "z"] for cell in first)]
    assert list(open_table(book(tmp_path / "t.xlsx", One=rows)).columns) == columns


def test_an_index_of_pandas_in_parquet_is_left_out(tmp_path):
    for index, kept in (([7, 3], []), (["DE", "FR"], ["__index_level_0__"])):
        pandas.DataFrame({"a": [1, 2]}, index=index).to_parquet(tmp_path / "t.parquet")
        assert list(open_table(tmp_path / "t.parquet").columns) == ["a", *kept]


def test_an_empty_column_of_a_workbook_prints_nothing(tmp_path, caplog):
    table = open_table(book(tmp_path / "t.xlsx", One=[["a", "b"], [1, None], [2, None]]))
    assert list(table.columns) == ["a", "b"]
    assert caplog.records == []


def test_a_damaged_or_empty_workbook_is_a_diagnostic(tmp_path):
    path = book(tmp_path / "t.xlsx", One=[])
    assert refusal(path).code == "no-rows"
    assert (
        refusal(archive(tmp_path, {"x": b"y"}).rename(tmp_path / "u.xlsx")).code == "array-broken"
    )
    (tmp_path / "v.xlsx").write_bytes(b"PK")
    assert refusal(tmp_path / "v.xlsx").code == "data-format"


@pytest.mark.parametrize(
    ("package", "name", "pip"),
    [
        ("fastexcel", "t.xlsx", 'pip install "layerloom[excel]"'),
        ("scipy", "t.npz", "pip install scipy"),
    ],
)
def test_a_missing_package_is_named_with_what_to_type(tmp_path, monkeypatch, package, name, pip):
    sparse.save_npz(tmp_path / "t.npz", sparse.eye(3).tocsr())
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    monkeypatch.setitem(sys.modules, package, None)
    refused = refusal(tmp_path / name)
    assert refused.code == "package-missing"
    assert pip in refused.fixes[0].text


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "bsr", "dia"])
def test_a_sparse_matrix_is_one_array(tmp_path, kind):
    matrix = sparse.random(20, 7, 0.3, format=kind, rng=1)
    sparse.save_npz(tmp_path / "words.npz", matrix)
    columns = open_table(tmp_path / "words.npz").columns
    assert list(columns) == ["words"]
    assert np.array_equal(columns["words"], matrix.toarray())


def test_arrays_may_have_the_names_of_those_of_a_sparse_matrix(tmp_path):
    arrays = {name: np.arange(3) for name in ("format", "shape", "data")}
    np.savez(tmp_path / "t.npz", **arrays)
    assert list(open_table(tmp_path / "t.npz").columns) == list(arrays)


def test_a_sparse_matrix_with_wrong_indices_or_too_large_is_refused(tmp_path):
    path = tmp_path / "t.npz"
    given = {"format": b"csr", "shape": np.array([2, 3]), "data": np.ones(2)}
    given["indptr"] = np.array([0, 1, 2])
    np.savez(path, indices=np.array([0, 9]), **given)
    assert refusal(path).code == "array-broken"
    np.savez(path, indices=np.array([0, 1]), **{**given, "shape": np.array([2, 2**40])})
    assert refusal(path).code == "data-too-large"


def test_a_column_called_line_keeps_its_name_in_errors(tmp_path):
    """Records have numbers, as lines do; other words of an error stay as they are."""
    (tmp_path / "t.json").write_text('[{"line": 1}, {"line": "a"}]')
    refused = refusal(tmp_path / "t.json")
    words = f"{refused.message} {refused.place} {refused.found} {refused.expected}"
    assert "record 2" in words
    assert '"line"' in words or "'line'" in words

"""What readers of tables meet once in a lifetime: files that grow, lie, or end within a sign.

Some of it happens in threads that pyarrow starts; here the same is done in this one.
"""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from PIL import Image

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.binary import arrow_columns
from engine.data.readers.binary.npy import ArrayReader
from engine.data.readers.images import _flatten
from engine.data.readers.table_file import open_table, read_table_chunks
from engine.data.readers.text import byte_stream, csv, csv_header, jsonl, jsonl_errors
from engine.data.readers.text.csv_dialect import CsvSample
from engine.data.readers.text.csv_errors import line_numbers_of_rows
from engine.data.readers.text.csv_header import open_csv
from engine.data.readers.text.csv_quotes import QuoteChecker
from engine.data.table import dtypes
from engine.data.table.table import table_from_arrays
from engine.recipe.csv_dialect import Dialect
from tests.tiers import noted


def code(act, *arguments, **more):
    with pytest.raises(DiagnosticError) as refused:
        list(act(*arguments, **more) or ())
    return refused.value.diagnostics[0].code


def npy(values) -> bytes:
    file = io.BytesIO()
    np.save(file, np.array(values))
    return file.getvalue()


def put(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


# Arrays.


def test_an_array_that_grows_while_it_is_read_is_damaged(tmp_path, monkeypatch):
    data = npy([1.0, 2.0])
    growing = ArrayReader(io.BytesIO(data + b"x"), len(data), "x", tmp_path)
    assert code(growing.read, 2) == "array-broken"
    path = put(tmp_path / "x.npy", data + b"x")
    stat = Path.stat

    def before(self, **more):
        told = list(stat(self, **more))
        told[6] = len(data)
        return type(stat(self, **more))(told)

    monkeypatch.setattr(Path, "stat", before)
    assert code(open_table, path) == "array-broken"


def test_an_array_that_shrinks_while_it_is_read_is_damaged(tmp_path):
    data = npy([1.0, 2.0])
    shrinking = ArrayReader(io.BytesIO(data[:-3]), len(data), "x", tmp_path)
    assert code(shrinking.read, 2) == "array-broken"


def test_an_archive_that_is_none_is_told_by_chunks_as_well(tmp_path):
    assert code(read_table_chunks, put(tmp_path / "d.npz", b"nothing of the kind")) == "data-format"


def test_arrays_in_memory_are_judged_as_those_of_files():
    for array in (np.zeros(2, "c8"), np.array([2**63], "u8"), np.full((1, 1, 1), "a")):
        assert code(table_from_arrays, {"x": array}) == "array-dtype"
    assert code(table_from_arrays, {"x": np.array(["a\ud800"], object)}) == "array-broken"
    odd = np.array(["a"]).view(np.uint32) + np.uint32(0x110000)
    assert code(table_from_arrays, {"x": odd.view("U1")}) == "array-broken"
    assert dtypes.array_to_column(np.array(["a"]), "x", Path("x")).to_pylist() == ["a"]


# Text.


def test_a_zero_byte_and_odd_quotes_are_seen_on_the_way_to_pyarrow(tmp_path):
    whole = open_csv(put(tmp_path / "e.csv", b'a,b\n1,"x"\n'), None, Dialect())
    check = csv._StrictChecker(whole)
    assert b"".join(check._checked_blocks()) == b'1,"x"\n'
    assert check._quotes.is_valid
    check = csv._StrictChecker(open_csv(put(tmp_path / "f.csv", b"a,b\n1,\0\n"), None, Dialect()))
    assert code(check._checked_blocks) == "csv-broken"
    check = csv._StrictChecker(open_csv(put(tmp_path / "g.csv", b"a,b\n1,2\n"), None, Dialect()))
    assert code(check._raise, "what pyarrow alone takes offence at") == "csv-broken"


QUOTES = [
    (b'a,"b"\n', True), (b'"a","b"', True), (b'"a""b"', True), (b'a"b', False), (b'"a', False),
    (b"none at all", True), (b'"', False), (b"", True),
]  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 99])
def test_quotes_are_judged_alike_however_the_bytes_are_cut(size):
    for text, sound in QUOTES:
        with noted(text):
            quotes = QuoteChecker(",")
            for start in range(0, len(text), size):
                quotes.check_block(text[start : start + size])
            quotes.check_block(b"")
            quotes.finish()
            assert quotes.is_valid == sound


def test_a_package_is_unpacked_up_to_a_limit_and_never_like_a_bomb(tmp_path, monkeypatch):
    path = put(tmp_path / "d.csv.gz", gzip.compress(b"1,2\n" * 1000))
    assert b"".join(byte_stream.read_blocks(path)) == b"1,2\n" * 1000
    monkeypatch.setattr(byte_stream, "READ_BLOCK_SIZE", 100)
    lying = bytearray(path.read_bytes())
    lying[-4:] = (7).to_bytes(4, "little")
    assert (
        code(byte_stream.read_blocks, put(tmp_path / "e.csv.gz", bytes(lying)), 9)
        == "data-too-large"
    )
    monkeypatch.setattr(byte_stream, "SUSPICIOUS_SIZE", 100)
    monkeypatch.setattr(byte_stream, "SUSPICIOUS_RATIO", 2)
    assert code(byte_stream.read_blocks, path) == "archive-odd"


def test_lines_of_rows_are_found_as_far_as_there_are_any(tmp_path):
    path = put(tmp_path / "d.csv", b'a,b\n1,"x\ny"\n2,z\n')
    given = Dialect(delimiter=",", header=True, encoding="utf-8")
    assert line_numbers_of_rows(path, given, {0, 1}) == {0: 2, 1: 4}
    assert line_numbers_of_rows(path, given, {0, 7}) == {0: 2}


def test_a_first_line_in_no_encoding_or_of_one_endless_cell_is_refused(tmp_path):
    path = put(tmp_path / "d.csv", b"a,\xff\n1,2\n")
    assert code(open_table, path, dialect=Dialect(encoding="utf-8")) == "csv-broken"
    path = put(tmp_path / "e.csv", b'"a"b,c\n1,2\n')
    assert code(open_table, path) in ("csv-broken", "csv-header")
    assert CsvSample(["x" * 200_000 + "\n"], True).parse_rows(",") == []


# Lines of JSON.


def test_lines_that_only_pyarrow_or_only_we_take_offence_at_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(jsonl, "LINE_LIMIT", 50)
    path = put(tmp_path / "d.jsonl", b'{"a": "' + b"x" * 90)
    with pytest.raises(jsonl._UnsupportedJsonError):
        list(jsonl._line_blocks(path, None))
    with (
        pytest.raises(DiagnosticError),
        jsonl._locate_errors(put(tmp_path / "e.jsonl", b'{"a": 1}\n')),
    ):
        raise pa.ArrowInvalid("what it says")
    with pytest.raises(jsonl._UnsupportedJsonError):
        jsonl._common_type(pa.int64(), pa.large_string())
    with pytest.raises(DiagnosticError):
        jsonl._check_schema(pa.schema([("a", pa.binary())]), tmp_path / "e.jsonl")


def test_lines_end_with_or_without_an_end(tmp_path, monkeypatch):
    monkeypatch.setattr(byte_stream, "READ_BLOCK_SIZE", 7)  # so that lines span blocks
    for end in ("", "\n"):
        path = put(tmp_path / "e.jsonl", f'{{"a": 1}}\n\n{{"a": 2}}\n{{"a": "b"}}{end}'.encode())
        with pytest.raises(DiagnosticError, match="line 4 .* has another type"):
            jsonl_errors.check_json_lines(path)
    assert jsonl_errors.json_type_name({}) == "objects"
    assert jsonl_errors._common_type("lists of numbers", "lists of text") is None


# Arrow and Parquet.


def test_a_disk_that_refuses_is_no_damage(tmp_path, monkeypatch):
    for kind in ("arrow", "parquet"):
        path = tmp_path / f"d.{kind}"
        table = pa.table({"x": [1.0]})
        feather.write_feather(table, path) if kind == "arrow" else pq.write_table(table, path)

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "no")

        with monkeypatch.context() as patch:
            patch.setattr(pa, "memory_map", refuse)
            patch.setattr(pq, "ParquetFile", refuse)
            assert code(open_table, path) == "data-unreadable"


def test_grey_pictures_of_16_bits_are_read_as_8():
    deep = Image.fromarray(np.full((2, 2), 65_535, np.uint16))
    assert np.asarray(_flatten(deep)).tolist() == [[255, 255]] * 2


# What is seldom, and no fault.


def test_times_in_utc_need_no_word_and_lists_of_text_views_are_refused(tmp_path):
    table = pa.table({"x": pa.array([0, 1], pa.timestamp("us", "UTC"))})
    feather.write_feather(table, tmp_path / "d.arrow")
    assert open_table(tmp_path / "d.arrow").notes == ()
    views = pa.ListArray.from_arrays([0, 1], pa.array(["a"], pa.string_view()))
    column = arrow_columns._ColumnConverter("x", tmp_path)
    with pytest.raises(DiagnosticError) as refused:
        column.convert(pa.chunked_array([views]))
    assert refused.value.diagnostics[0].code == "array-dtype"


@pytest.mark.parametrize("data", [b"\xff\xfea\x00,\x00\x00\xd8\x0a\x00", b'"a"b,c\n1,2\n'])
def test_a_first_line_at_which_nobody_else_takes_offence_is_refused_in_its_readers_words(
    data, tmp_path, monkeypatch
):
    monkeypatch.setattr(csv_header, "check_csv_lines", lambda *_: None)
    given = Dialect(delimiter=",")
    assert code(open_csv, put(tmp_path / "d.csv", data), None, given) == "csv-broken"


def test_a_first_line_is_as_wide_as_a_block_at_most(tmp_path, monkeypatch):
    """The first line of a table of 9,000 columns is longer than the sample of the file."""
    names = [f"column_{place:025}" for place in range(9_000)]
    text = f"{','.join(names)}\n{','.join('1' for _ in names)}\n"
    table = open_table(put(tmp_path / "wide.csv", text.encode()))
    assert (table.row_count, list(table.columns)) == (1, names)
    monkeypatch.setattr(byte_stream, "READ_BLOCK_SIZE", 20)
    path = put(tmp_path / "d.csv", b"a" * 30 + b",b\n1,2\n")
    assert code(open_csv, path, None, Dialect(delimiter=",")) == "csv-broken"


def test_a_row_that_is_cut_off_is_no_sample():
    assert CsvSample(["a,b\n", "c,d\n"], False).parse_rows(",") == [["a", "b"]]


def test_kinds_in_lines_of_json_are_brought_together():
    assert jsonl_errors.json_type_name(None) == "null"
    assert jsonl_errors._common_type("null", "text") == "text"
    struct_of = pa.struct([("a", pa.int64())])
    assert jsonl._common_type(struct_of, pa.struct([])) == struct_of


def test_an_archive_that_declares_more_than_may_be_read_is_refused(tmp_path):
    file = io.BytesIO()
    np.savez(file, x=np.zeros(100))
    assert code(open_table, put(tmp_path / "d.npz", file.getvalue()), 10) == "data-too-large"


def test_arrays_in_memory_become_a_table():
    table = table_from_arrays({"x": np.array(["a", "b"], object), "n": np.zeros(2, "u1")})
    assert (table.row_count, table.columns["n"].dtype) == (2, np.int32)

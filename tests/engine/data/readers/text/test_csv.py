"""CSV: strict about lines and cells, open about what was detected, and as fast as pyarrow."""

import csv as python_csv
import gzip
import io
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.affected_rows import AffectedRows
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.readers.csv_line_numbers import add_line_numbers
from engine.data.readers.table_file import open_table, read_table_chunks
from engine.data.readers.text import byte_stream
from engine.data.table import column_types
from engine.data.table.number_parser import detect_number_form, is_mostly_numbers, parse_numbers
from engine.data.table.table import check_has_rows
from engine.recipe.csv_dialect import Dialect
from tests.engine.data.hostile import refused_in_little
from tests.engine.data.readers.text.csv_tables import cells, read, refusal, rows
from tests.tiers import cases, grid, noted

BROKEN = {
    "ragged, short": ("a,b\n1,2\n3\n", "csv-broken", "line 3"),
    "ragged, long": ("a,b\n1,2,3\n", "csv-broken", "line 2"),
    "ragged after a blank line": ("a,b\n1,2\n\n3,4\n5\n", "csv-broken", "line 5"),
    "comma in a text": ("a,b\nx, y,1\n", "csv-broken", "line 2"),
    "delimiter at the end": ("a,b\n1,2,\n", "csv-broken", "line 2"),
    "only spaces in a line": ("a,b\n1,2\n  \n", "csv-broken", "line 3"),
    "open quote": ('a,b\n1,"2\n3,4\n', "csv-broken", "line 2"),
    "open quote at the end": ('a,b\n1,2\n3,"4', "csv-broken", "line 3"),
    "open quote in the header": ('a,"b\n1,2\n', "csv-broken", "line 1"),
    "text after a quote": ('a,b\n1,"2"x\n', "csv-broken", "line 2"),
    "space after a quote": ('a,b\n1,2\n1,"2" \n', "csv-broken", "line 3"),
    "backslash before a quote": ('a,b\n1,"say \\"hi\\""\n', "csv-broken", "line 2"),
    "zero byte": (b"a,b\n1,\x002\n", "csv-broken", "line 2"),
    "zero byte in the header": (b"a,\x00b\n1,2\n", "csv-broken", "line 1"),
    "mixed encodings": ("a,b\n1,é\n2,".encode() + b"\xe9\n", "csv-broken", "line 3"),
    "another alphabet": ("a,b\n1,привет\n".encode("cp1251"), "csv-broken", "line 2"),
    "bad bytes in the header": ("a,привет\n1,2\n".encode("cp1251"), "csv-broken", "line 1"),
    "utf-16, half a sign": ("a,b\n1,2\n".encode("utf-16")[:-1], "csv-broken", "line 2"),
    "utf-8, half a sign": ("a,b\n1,ü2\n".encode()[:-3], "csv-broken", "line 2"),
    "huge field": ("a,b\n1," + "x" * 200_000 + "\n", "csv-broken", "line 2"),
    "huge line": ("a,b\n1,2\n" + "x" * 5_000_000 + ",1\n", "csv-broken", "line 3"),
    "header twice": ("a,a\n1,2\n", "csv-header", "line 1"),
}


def test_a_broken_line_is_refused_by_its_number(tmp_path):
    for name, (data, code, place) in BROKEN.items():
        with noted(name):
            found = refusal(tmp_path, data)
            assert (found.code, found.place) == (code, place)


def test_a_line_number_counts_lines_within_quotes(tmp_path):
    assert refusal(tmp_path, 'a,b\n"x\ny",1\n2\n').place == "line 4"


@pytest.mark.parametrize("row", [0, 77_777, 199_999])
def test_a_broken_line_far_down_is_found(row, tmp_path):
    lines = [f"{number},{number / 7:.3f}" for number in range(200_000)]
    lines[row] += ","
    assert refusal(tmp_path, "\n".join(["a,b", *lines])).place == f"line {row + 2}"


def test_quotes_hold_delimiters_and_line_ends(tmp_path):
    table = read(tmp_path, 'a,b\n"x, y",1\n"two\nlines",2\n"say ""hi""",3\n')
    assert table.columns["a"].to_pylist() == ["x, y", "two\nlines", 'say "hi"']
    assert table.notes == ()


def test_quotes_within_a_bare_cell_are_its_text(tmp_path):
    table = read(tmp_path, 'a,b\n5" pipe,1\nthe "old" one,2\nx"",3\n')
    assert table.columns["a"].to_pylist() == ['5" pipe', 'the "old" one', 'x""']


def test_byte_order_mark_windows_lines_and_blank_lines_are_no_data(tmp_path):
    table = read(tmp_path, b"\xef\xbb\xbfa,b\r\n1,2\r\n\r\n3,4\r\n")
    assert list(table.columns) == ["a", "b"]
    assert table.columns["a"].to_pylist() == ["1", "3"]
    assert table.notes == ()


def test_spaces_around_cells_are_taken_off(tmp_path):
    table = read(tmp_path, "a , b\n 1 ,\u00a0x y\u3000\n\t2,\n")
    assert list(table.columns) == ["a", "b"]
    assert rows(table) == [["1", "x y"], ["2", ""]]


@pytest.mark.parametrize("name", ["people.csv", "people.tsv"])
def test_an_empty_file_is_said_to_be_empty(name, tmp_path):
    for data in ("", "\n\n"):
        found = refusal(tmp_path, data, name)
        assert (found.code, found.message) == ("no-rows", f'"{name}" is empty')


def test_a_header_alone_is_a_table_without_rows(tmp_path):
    for data in ("a,b\n", "a,b", "\na,b\r\n\n"):
        table = read(tmp_path, data)
        assert (list(table.columns), table.row_count) == (["a", "b"], 0)
        assert all(column_types.is_text(column) for column in table.columns.values())


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_packed_table_is_the_same_table(encoding, tmp_path):
    text = "a,b\n" + "".join(f"{row},Zoë {row}\n" for row in range(50_000))
    plain = read(tmp_path, text.encode(encoding))
    packed = read(tmp_path, gzip.compress(text.encode(encoding)), "t.csv.gz")
    assert rows(packed) == rows(plain)
    assert packed.dialect == plain.dialect


DAMAGED = {
    "cut": gzip.compress(b"a,b\n1,2\n" * 1000)[:-9],
    "not packed": b"a,b\n1,2\n",
    "checksum": gzip.compress(b"a,b\n1,2\n")[:-8] + bytes(8),
    "nonsense": b"\x1f\x8b\x08" + b"x" * 40,
}


def test_a_damaged_package_is_told(tmp_path):
    for name, data in DAMAGED.items():
        with noted(name):
            assert refusal(tmp_path, data, "t.csv.gz").code == "file-damaged"


def bomb(line, size):
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=6) as file:
        file.write(b"a,b\n")
        for _ in range(size // 2**20):
            file.write(line * (2**20 // len(line)))
    return packed.getvalue()


BOMBS = {
    "zeros": (b"\0", "csv-broken"),
    "one line": (b"x", "archive-odd"),
    "one quote": (b'"', "archive-odd"),
    "rows": (b"1,2\n", "archive-odd"),
    "beyond the limit": (b"1,2\n", "data-too-large"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", grid(BOMBS, quick=3))
def test_a_package_that_unpacks_without_end_is_refused_in_little_time_and_memory(name, tmp_path):
    line, code = BOMBS[name]
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(bomb(line, 2**28))
    limit = 2**26 if code == "data-too-large" else 2**32
    assert refused_in_little(path, limit).code == code


def test_a_file_above_the_limit_is_refused_unread(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"a\n" + b"1\n" * 100)
    with pytest.raises(DiagnosticError) as refused:
        open_table(path, limit=50)
    assert refused.value.diagnostics[0].code == "data-too-large"


TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r"), max_size=6)
GRIDS = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(TEXTS, min_size=width, max_size=width), max_size=8)
)


@pytest.mark.slow
@settings(max_examples=cases(60, 300), deadline=None)
@given(GRIDS, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.booleans(),
       st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]))  # fmt: skip
def test_what_python_writes_is_read_back(tmp_path_factory, grid, sign, end, all_quoted, encoding):
    width = len(grid[0]) if grid else 1
    text = io.StringIO()
    quoting = python_csv.QUOTE_ALL if all_quoted else python_csv.QUOTE_MINIMAL
    writer = python_csv.writer(text, delimiter=sign, lineterminator=end, quoting=quoting)
    writer.writerow([f"c{place}" for place in range(width)])
    writer.writerows(grid)
    path = tmp_path_factory.mktemp("d") / "t.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    said = None if encoding == "utf-8-sig" else encoding
    table = open_table(path, dialect=Dialect(delimiter=sign, header=True, encoding=said))
    wanted = list(python_csv.reader(io.StringIO(text.getvalue(), newline=""), delimiter=sign))
    assert rows(table) == [[trimmed(cell) for cell in row] for row in wanted[1:] if row]


def trimmed(cell):
    return column_types.strip_text(column_types.text_column([cell]))[0].as_py()


@settings(max_examples=cases(60, 300), deadline=None)
@given(st.text('ab1", \n\r;é', max_size=40))
def test_what_python_refuses_is_refused_and_nothing_else(tmp_path_factory, text):
    """The strict reader of Python's library is the rule; pyarrow only reads faster."""
    path = tmp_path_factory.mktemp("d") / "t.csv"
    path.write_bytes(f"x,y\n{text}".encode())
    try:
        wanted = list(python_csv.reader(io.StringIO(f"x,y\n{text}", newline=""), strict=True))
        sound = all(len(row) in (0, 2) for row in wanted)
    except python_csv.Error:
        sound = False
    said = Dialect(delimiter=",", header=True)
    if not sound:
        with pytest.raises(DiagnosticError) as refused:
            open_table(path, dialect=said)
        assert refused.value.diagnostics[0].place.startswith("line ")
    else:
        table = open_table(path, dialect=said)
        assert rows(table) == [[trimmed(cell) for cell in row] for row in wanted[1:] if row]


@settings(max_examples=cases(20, 40), deadline=None)
@given(
    st.integers(0, 300),
    st.integers(1, 120),
    st.lists(st.sampled_from("ab"), unique=True, min_size=1),
)
def test_chunks_are_the_table_cut_into_pieces(tmp_path_factory, count, size, columns):
    path = tmp_path_factory.mktemp("d") / "t.csv"
    path.write_text("a,b\n" + "".join(f"{row},'{row}\n" for row in range(count)))
    whole = open_table(path, dialect=Dialect(header=True))
    parts = list(read_table_chunks(path, columns, size, Dialect(header=True)))
    assert all(list(part.columns) == columns for part in parts)
    lengths = [part.row_count for part in parts]
    assert lengths == [size] * (count // size) + ([count % size] if count % size else [])
    for name in columns:
        read_back = [cell for part in parts for cell in part.columns[name].to_pylist()]
        assert read_back == whole.columns[name].to_pylist()


@pytest.mark.slow
def test_a_fault_in_a_later_chunk_is_told_with_its_line(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 3_000_000 + '3,"4')
    parts = read_table_chunks(path, ["a"], 1000)
    assert next(parts).row_count == 1000
    with pytest.raises(DiagnosticError) as refused:
        list(parts)
    assert refused.value.diagnostics[0].place == "line 3000002"


def test_blocks_are_as_many_bytes_as_the_file_has(tmp_path):
    path = tmp_path / "t"
    path.write_bytes(bytes(range(256)) * 40_000)
    assert b"".join(byte_stream.read_blocks(path)) == path.read_bytes()
    stream = io.BufferedReader(byte_stream.BlockStream(byte_stream.read_blocks(path)), 1000)
    assert stream.read() == path.read_bytes()


READ_A_LITTLE = """
import sys
from pathlib import Path
from engine.data.readers.text.csv import csv_chunks

chunks = [csv_chunks(Path(sys.argv[1]), None, 1_000) for _ in range(3)]
for each in chunks:
    next(each)
raise SystemExit(3)
"""


def test_a_process_ends_while_a_large_file_is_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1.23456,some words\n" * 2_000_000)
    command = [sys.executable, "-c", READ_A_LITTLE, str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (3, "")


def test_a_sound_file_is_not_read_again_line_by_line(tmp_path, monkeypatch):
    """Its faults are looked for in the bytes that pyarrow reads; Python reads no line of it."""
    monkeypatch.setattr("engine.data.readers.text.csv.check_csv_lines", None)
    lines = (f'{row},{row / 7:.6f},"w, {row % 9}"\n' for row in range(300_000))
    found = read(tmp_path, "a,b,c\n" + "".join(lines))
    assert found.row_count == 300_000
    assert list(read_table_chunks(tmp_path / "t.csv", ["a"], 100_000))


def test_a_column_is_of_numbers_if_most_of_its_filled_cells_are():
    assert is_mostly_numbers(cells("1", "2", "x", ""))
    assert not is_mostly_numbers(cells("1", "x", "y"))
    assert not is_mostly_numbers(cells("", ""))


def test_words_that_are_said_to_be_missing_are_empty_cells(tmp_path):
    """Wherever they stand, and in a first line of numbers as well."""
    plain = read(tmp_path, "a,b\n1,?\n n/a ,x\n", missing=("?", "n/a"))
    assert rows(plain) == [["1", ""], ["", "x"]]
    parts = read_table_chunks(plain.path, None, 1, Dialect(missing=("?", "n/a")))
    assert [part.columns["a"].to_pylist() for part in parts] == [["1"], [""]]
    assert rows(read(tmp_path, "?,2\n3,4\n", missing=("?",))) == [["", "2"], ["3", "4"]]


def test_a_word_among_numbers_may_be_taken_as_missing(tmp_path):
    for words in ((), ("n/a?",)):
        table = read(tmp_path, "a\n1\n2\nn/a?\n4\n", missing=words)
        form = detect_number_form(table.columns["a"], table.number_form_counter())
        values, notes = parse_numbers(table.columns["a"], "a", form)
        assert (values[[0, 1, 3]].tolist(), np.isnan(values[2])) == ([1, 2, 4], True)
        assert [note.fixes[0].edit["words"] for note in notes] == [["n/a?"]] * (not words)


def test_an_index_of_pandas_is_left_out_and_told(tmp_path):
    frame = pd.DataFrame({"x": [0.5, 1.5, 2.5], "y": ["a", "b", "c"]})
    shuffled = frame.set_axis([7, 0, 3])
    for name, of in (("", frame), ("Unnamed: 0", frame), ("", shuffled)):
        table = read(tmp_path, of.to_csv(index_label=name))
        assert list(table.columns) == ["x", "y"]
        assert rows(table) == [["0.5", "a"], ["1.5", "b"], ["2.5", "c"]]
        (note,) = table.notes
        assert (note.code, note.fixes[0].edit["fields"]) == ("csv-read-as", {"index": False})
        assert list(next(read_table_chunks(table.path, None, 2)).columns) == ["x", "y"]
        kept = read(tmp_path, frame.to_csv(index_label=name), index=False)
        assert list(kept.columns)[1:] == ["x", "y"]


@pytest.mark.parametrize("first", [["5", "3", "5"], ["a", "b", "c"], ["5", "7"], ["90", "99"]])
def test_a_column_without_a_name_that_is_no_index_gets_one(first, tmp_path):
    lines = [f"{cell},{row},z" for row, cell in enumerate(first)]
    table = read(tmp_path, "\n".join([",x,", *lines]))
    assert list(table.columns) == ["column_1", "x", "column_3"]
    assert table.columns["column_1"].to_pylist() == first
    assert "column_1, column_3" in table.notes[0].message


def test_a_header_alone_is_nothing_to_learn_from(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text("a,b\n")
    with pytest.raises(DiagnosticError) as refused:
        check_has_rows(open_table(path))
    (found,) = refused.value.diagnostics
    assert (found.code, "has a header and no rows" in found.message) == ("no-rows", True)
    path.write_text("a,b\n1,2\n")
    check_has_rows(open_table(path))


def test_line_numbers_of_a_file_with_a_byte_of_no_letter_are_left_out(tmp_path):
    """After the blocks by which the encoding is detected, a byte may have no letter in it."""
    path = tmp_path / "t.csv"
    path.write_bytes("a\né\n".encode("cp1252") + b"x\n" * 2**22 + b"\x81\n")
    with pytest.raises(DiagnosticError, match="is not CP1252"):
        list(read_table_chunks(path))
    found = Diagnostic("cell-missing", "x", rows=AffectedRows((2**22 + 1,), 1, 2**22 + 2))
    assert add_line_numbers([found], path, None) == [found]

"""CSV: strict about lines and cells, open about what was detected."""

import numpy as np
import pytest

from engine.core.diagnostic import Refused
from engine.data import kinds
from engine.data.numbers import mostly_numbers, parse_numbers
from engine.data.tables import open_table


def read(tmp_path, data):
    path = tmp_path / "t.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return open_table(path)


def cells(*values):
    return kinds.text(values)


BROKEN = {
    "ragged, short": ("a,b\n1,2\n3\n", "csv-broken", "line 3"),
    "ragged, long": ("a,b\n1,2,3\n", "csv-broken", "line 2"),
    "comma in a text": ("a,b\nx, y,1\n", "csv-broken", "line 2"),
    "open quote": ('a,b\n1,"2\n3,4\n', "csv-broken", "line 2"),
    "text after a quote": ('a,b\n1,"2"x\n', "csv-broken", "line 2"),
    "zero byte": (b"a,b\n1,\x002\n", "csv-broken", "line 2"),
    "latin-1": ("a,b\n1,é\n".encode("latin-1"), "csv-broken", "line 2"),
    "utf-16": ("a,b\n1,2\n".encode("utf-16"), "csv-broken", "line 1"),
    "huge field": ("a,b\n1," + "x" * 200_000 + "\n", "csv-broken", "line 2"),
    "header twice": ("a,a\n1,2\n", "csv-header", "line 1"),
    "header empty": ("a,\n1,2\n", "csv-header", "line 1"),
    "no lines": ("", "csv-header", "line 1"),
    "blank": ("\n\n", "csv-header", "line 1"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_line_is_refused_by_its_number(name, tmp_path):
    data, code, place = BROKEN[name]
    with pytest.raises(Refused) as refused:
        read(tmp_path, data)
    (found,) = refused.value.diagnostics
    assert (found.code, found.place) == (code, place)
    assert found.fixes


def test_a_line_number_counts_lines_within_quotes(tmp_path):
    with pytest.raises(Refused) as refused:
        read(tmp_path, 'a,b\n"x\ny",1\n2\n')
    assert refused.value.diagnostics[0].place == "line 4"


def test_quotes_hold_delimiters_and_line_ends(tmp_path):
    table = read(tmp_path, 'a,b\n"x, y",1\n"two\nlines",2\n"say ""hi""",3\n')
    assert table.columns["a"].to_pylist() == ["x, y", "two\nlines", 'say "hi"']
    assert table.notes == ()


@pytest.mark.parametrize(("sign", "said"), [(";", "semicolons"), ("\t", "tabs")])
def test_another_delimiter_is_detected_and_told(sign, said, tmp_path):
    table = read(tmp_path, f"a{sign}b\n1{sign}2,5\n")
    assert list(table.columns) == ["a", "b"]
    assert [(note.code, note.found) for note in table.notes] == [("csv-read-as", said)]


def test_byte_order_mark_windows_lines_and_blank_lines_are_no_data(tmp_path):
    table = read(tmp_path, b"\xef\xbb\xbfa,b\r\n1,2\r\n\r\n3,4\r\n")
    assert list(table.columns) == ["a", "b"]
    assert table.columns["a"].to_pylist() == ["1", "3"]


def test_a_header_alone_is_a_table_without_rows(tmp_path):
    table = read(tmp_path, "a,b\n")
    assert (list(table.columns), table.rows) == (["a", "b"], 0)


def test_a_file_above_the_limit_is_refused_unread(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"a\n" + b"1\n" * 100)
    with pytest.raises(Refused) as refused:
        open_table(path, limit=50)
    assert refused.value.diagnostics[0].code == "data-too-large"


def test_numbers_are_read_and_empty_cells_are_missing():
    values, notes = parse_numbers(cells("1", "-2.5", "1e3", ".5", "+7", "", "NA"), "x")
    np.testing.assert_array_equal(values, [1, -2.5, 1000, 0.5, 7, np.nan, np.nan])
    assert notes == []


@pytest.mark.parametrize(
    "bad", ["1_000", "12 years", "inf", "0x10", "1,5", "1.5.2", "--1", "true", "١٢", "1e", "- 1"]
)
def test_what_is_no_number_is_named_by_column_row_and_value(bad):
    with pytest.raises(Refused) as refused:
        parse_numbers(cells("1.5", "2", bad, "4"), "age")
    (found,) = refused.value.diagnostics
    assert found.code == "number-unreadable"
    assert found.place == "column age, row 2 (counting from 0)"
    assert found.found == f"{bad!r} in row 2"


def test_decimal_commas_are_read_and_told():
    values, notes = parse_numbers(cells("3,5", "-1,25", "7", ""), "age")
    np.testing.assert_array_equal(values, [3.5, -1.25, 7, np.nan])
    assert [note.code for note in notes] == ["csv-read-as"]


def test_a_column_is_of_numbers_if_most_of_its_filled_cells_are():
    assert mostly_numbers(cells("1", "2", "x", ""))
    assert not mostly_numbers(cells("1", "x", "y"))
    assert not mostly_numbers(cells("", ""))

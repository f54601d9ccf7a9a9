"""The dialect of a CSV: delimiter, encoding, header and decimal sign are detected and told."""

import pytest

from engine.data.table.number_parser import detect_number_form, parse_numbers
from engine.recipe.csv_dialect import Dialect
from tests.engine.data.readers.text.csv_tables import read, refusal, rows
from tests.tiers import noted


def test_another_delimiter_is_detected_and_told(tmp_path):
    for sign, said in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars"), (",", None)):
        table = read(tmp_path, f"a{sign}b\n1{sign}x y\n")
        assert list(table.columns) == ["a", "b"]
        told = [(note.code, note.message) for note in table.notes]
        message = f'"t.csv" was read with {said} between the cells'
        assert told == ([("csv-read-as", message)] if said else [])
        assert table.dialect.delimiter == sign


def test_the_delimiter_is_the_one_that_cuts_all_lines_alike(tmp_path):
    table = read(tmp_path, "name;note, if any, or more\nx;a\ny;b, c\n")
    assert list(table.columns) == ["name", "note, if any, or more"]


def test_a_file_called_tsv_is_cut_at_tabs_without_a_word(tmp_path):
    assert read(tmp_path, "a\tb\n1\t2\n", "t.tsv").notes == ()
    assert list(read(tmp_path, "a, b\n1, 2\n", "u.tsv").columns) == ["a", "b"]
    assert list(read(tmp_path, "only\nx\n", "v.tsv").columns) == ["only"]


ENCODED = {
    "cp1252": "a,b\n1,Müller – 5 €\n",
    "utf-16": "a,b\n1,Müller привет 你好\n",
    "utf-16-le": "a,b\n1,Müller\n",
    "utf-16-be": "a,b\n1,Müller\n",
    "utf-32": "a,b\n1,Müller 你好\n",
}


def test_another_encoding_is_detected_and_told(tmp_path):
    for encoding, text in ENCODED.items():
        with noted(encoding):
            table = read(tmp_path, text.encode(encoding))
            assert rows(table) == [text.split("\n")[1].split(",")]
            assert [note.code for note in table.notes] == ["csv-read-as"]
            assert table.dialect.encoding == encoding
            assert encoding in table.notes[0].message


def test_an_accent_before_a_sharp_s_is_western(tmp_path):
    """The word is so common that a table of few accents was taken for no text at all."""
    table = read(tmp_path, "Größe (cm);Güte\n1,5;gut\n2,5;süß\n".encode("cp1252"))
    assert list(table.columns) == ["Größe (cm)", "Güte"]
    assert table.dialect.encoding == "cp1252"


@pytest.mark.slow
def test_the_first_accent_may_stand_anywhere(tmp_path):
    lines = "a,b\n" + "1,x\n" * 2_000_000
    table = read(tmp_path, (lines + "2,é\n").encode("latin-1"))
    assert table.columns["b"][-1].as_py() == "é"
    assert table.dialect.encoding == "cp1252"
    table = read(tmp_path, (lines + "2,é\n").encode())
    assert table.columns["b"][-1].as_py() == "é"
    assert table.notes == ()


def test_bytes_that_are_no_utf8_offer_to_say_the_encoding(tmp_path):
    data = "a,b\n1,привет\n".encode("cp1251")
    found = refusal(tmp_path, data)
    assert found.fixes[0].text == "Read it as Western European (cp1252)."
    assert found.fixes[0].edit["do"] == "set_file"
    assert rows(read(tmp_path, data, encoding="cp1251")) == [["1", "привет"]]


HEADERS = {
    "texts above numbers": ("a,b\n1,2\n", ["a", "b"]),
    "texts above texts": ("a,b\nx,y\n", ["a", "b"]),
    "numbers above numbers": ("5,2\n1,2\n", ["column_1", "column_2"]),
    "a row of text and number": ("x,5\ny,7\n", ["column_1", "column_2"]),
    "years": ("land,2019,2020,2021\nChad,3.5,4,4\n", ["land", "2019", "2020", "2021"]),
    "pixels": ("label,0,1,2\n7,0,0,255\n", ["label", "0", "1", "2"]),
    "one line of numbers": ("5,7.5\n", ["column_1", "column_2"]),
    "a missing number": ("a,b\n,1\nNA,2\n", ["a", "b"]),
}


def test_whether_the_first_line_names_the_columns_is_detected_and_told(tmp_path):
    for name, (data, names) in HEADERS.items():
        with noted(name):
            table = read(tmp_path, data)
            assert list(table.columns) == names
            without = names[0] == "column_1"
            assert [note.code for note in table.notes] == ["csv-read-as"] * without
            assert table.row_count == data.count("\n") - (not without)


def test_a_first_line_that_names_nothing_may_be_said_to_be_a_row(tmp_path):
    found = refusal(tmp_path, "2x,2x\ny,x\n")
    assert found.fixes[1].edit == {"do": "set_file", "fields": {"header": False}}
    assert rows(read(tmp_path, "2x,2x\ny,x\n", header=False)) == [["2x", "2x"], ["y", "x"]]
    assert list(read(tmp_path, "1,2\n3,4\n", header=True).columns) == ["1", "2"]


def test_what_the_person_says_is_kept_to_and_not_told(tmp_path):
    said = {"delimiter": ";", "decimal": ",", "encoding": "latin-1", "header": False}
    table = read(tmp_path, "1,5;é\n".encode("latin-1"), **said)
    assert rows(table) == [["1,5", "é"]]
    assert table.notes == ()
    assert table.dialect == Dialect(**said)
    assert refusal(tmp_path, "1;2\n3\n", delimiter=";").place == "line 2"


def test_a_decimal_comma_in_one_column_settles_it_for_the_table(tmp_path):
    table = read(tmp_path, "price;count\n3,5;1,000\n4;2,500\n")
    assert table.decimal == ","
    assert [note.message.rpartition(" with ")[2] for note in table.notes] == [
        "semicolons between the cells",
        "decimal commas",
    ]
    form = detect_number_form(table.columns["count"], table.number_form_counter())
    values, notes = parse_numbers(table.columns["count"], "count", form)
    assert (values.tolist(), notes) == ([1.0, 2.5], [])
    assert read(tmp_path, "a;b\n1,000;2,000\n").decimal is None
    assert read(tmp_path, "a;b\n3,5;1.5\n").decimal is None

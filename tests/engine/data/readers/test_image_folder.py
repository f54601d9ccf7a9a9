"""A folder of pictures by class is a table of paths and labels."""

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.table_file import open_table, read_table_chunks


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def rows(table):
    return list(zip(*(column.to_pylist() for column in table.columns.values()), strict=True))


def test_each_folder_is_a_class_and_each_picture_a_row(tmp_path):
    touch(tmp_path, "dog/b.PNG", "cat/2.jpg", "cat/1.jpeg", ".git/x.png", "cat/.hidden.png")
    table = open_table(tmp_path)
    assert list(table.columns) == ["image", "label"]
    assert rows(table) == [("cat/1.jpeg", "cat"), ("cat/2.jpg", "cat"), ("dog/b.PNG", "dog")]
    assert (table.path, table.notes) == (tmp_path, ())


def test_the_folder_train_stands_for_its_parent(tmp_path):
    touch(tmp_path, "train/cat/1.png", "train/dog/1.png", "test/cat/9.png")
    table = open_table(tmp_path)
    assert rows(table) == [("cat/1.png", "cat"), ("dog/1.png", "dog")]
    assert table.path == tmp_path / "train"


def test_what_is_no_picture_is_left_out_and_told(tmp_path):
    touch(tmp_path, "cat/1.png", "cat/notes.txt", "cat/deep/2.png")
    (note,) = open_table(tmp_path).notes
    assert (note.code, note.severity) == ("files-left-out", "info")
    assert "cat/deep, cat/notes.txt" in note.message


def test_tables_and_arrays_come_before_pictures(tmp_path):
    touch(tmp_path, "cat/1.png")
    (tmp_path / "train.csv").write_text("a,b\n1,2\n")
    assert list(open_table(tmp_path).columns) == ["a", "b"]


def test_folders_without_pictures_are_no_data(tmp_path):
    touch(tmp_path, "cat/notes.txt")
    with pytest.raises(DiagnosticError) as refused:
        open_table(tmp_path)
    assert refused.value.diagnostics[0].code == "data-not-found"


def test_chunks_are_the_rows_in_order(tmp_path):
    touch(tmp_path, *(f"{label}/{number}.png" for label in "ab" for number in range(5)))
    parts = list(read_table_chunks(tmp_path, chunk_rows=3))
    assert [part.row_count for part in parts] == [3, 3, 3, 1]
    assert sum(map(rows, parts), []) == rows(open_table(tmp_path))
    (labels,) = read_table_chunks(tmp_path, ["label"])
    assert list(labels.columns) == ["label"]

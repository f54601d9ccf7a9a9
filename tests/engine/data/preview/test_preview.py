"""What ports are shown to receive is what a training gives them, and what is found is whole."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as Pillow

from engine.check.report import check
from engine.core.diagnostic import DiagnosticError
from engine.data.prepared_data import prepare_data
from engine.data.preview.preview import PREVIEW_ROWS, preview_data
from engine.data.readers.table_file import open_table
from engine.data.starter.starter_graph import build_starter_project
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project

COUNT = 60


@pytest.fixture
def rows(tmp_path):
    """A table with every kind of column that a CSV has."""
    path = tmp_path / "rows.csv"
    lines = ["id,story,size,city,day,tags,ok,species,mass"]
    words = ["a quick fox", "the lazy dog sleeps", "fox and dog", "quick quick quick fox runs"]
    for row in range(COUNT):
        city = ["Rome", "Oslo", "Bern"][row % 3]
        day = f"2024-{1 + row % 12:02}-{1 + row % 28:02}"
        tags = ["x|y", "y", "z|x"][row % 3]
        mass = "" if row % 10 == 3 else f"{3000 + 17 * row}"
        species = ["Adelie", "Gentoo", "Chinstrap"][row % 3]
        ok = ["yes", "no"][row % 2]
        lines.append(
            f"{row},{words[row % 4]} {row},{row * 1.5},{city},{day},{tags},{ok},{species},{mass}"
        )
    path.write_text("\n".join(lines) + "\n")
    return path


def begun(path, *targets):
    return check(build_starter_project(open_table(path), targets).project)


def by_name(received):
    return {port.port: port for port in received.ports}


def test_each_port_is_shown_as_training_fills_it(rows):
    report = begun(rows, "species", "mass")
    received, found = preview_data(report, rows)
    prepared = prepare_data(report, rows, None)
    assert [bad for bad in found if bad.is_error] == []
    assert list(by_name(received)) == [*report.input_specs(), *report.heads]
    assert received.sides == {"train": 54, "validation": 6, "test": 0}
    assert received.split == prepared.split
    for port in received.ports:
        assert len(port.rows) == PREVIEW_ROWS


def test_words_stand_beside_their_ids_and_padding_is_told(rows):
    story = by_name(preview_data(begun(rows, "species"), rows)[0])["story"]
    first = story.rows[0]
    assert first.cells == ("a quick fox 0",)
    assert story.dtype == "int32"
    assert first.words[:3] == ("a", "quick", "fox")
    assert set(first.words[4:]) == {"padding"}
    assert all(value == 0 for value in first.values[4:])


def test_labels_numbers_dates_and_masks_are_told(rows):
    views = by_name(preview_data(begun(rows, "species", "mass"), rows)[0])
    assert views["species"].rows[1].words == ("Gentoo",)
    assert views["city"].names == ("Bern", "Oslo", "Rome")
    assert views["city"].rows[0].values == (0, 0, 1)
    assert views["day"].names[:2] == ("year", "month sine")
    assert views["tags"].names == ("x", "y", "z")
    assert views["ok"].rows[0].words == ("yes",)
    assert [row.masked for row in views["mass"].rows] == [False] * 3 + [True] + [False] * 4
    size = views["size"]
    assert size.kind == "number"
    assert size.rows[0].cells == ("0.0",)
    assert size.rows[0].values[0] < -1, "standardised"


def test_pictures_are_shown_as_the_port_sees_them(tmp_path):
    for row in range(30):
        Pillow.new("RGB", (30, 20), (8 * row, 0, 0)).save(tmp_path / f"{row}.png")
    path = tmp_path / "rows.csv"
    path.write_text("photo,y\n" + "".join(f"{row}.png,{row % 7 * 1.5}\n" for row in range(30)))
    photo = by_name(preview_data(begun(path, "y"), path)[0])["photo"]
    assert photo.shape == (20, 30, 3), "at their own size"
    assert photo.rows[0].picture
    assert photo.rows[0].values == ()


def test_a_port_that_can_not_be_filled_leaves_the_others_shown(rows):
    report = begun(rows, "species", "mass")
    edit = {"do": "set_mapping", "side": "inputs", "node": "size", "source": {"column": "sise"}}
    broken = check(apply_edit(report.project, edit))
    received, found = preview_data(broken, rows)
    views = by_name(received)
    assert views["size"].dtype == ""
    assert views["size"].rows == ()
    assert views["city"].rows[0].values == (0, 0, 1)
    assert [bad.code for bad in found if bad.is_error] == ["column-missing"]
    assert received.sides["train"] == 54


def test_ports_are_shown_while_the_graph_has_errors(rows):
    report = begun(rows, "species")
    nodes = (*report.project.graph.nodes, Node("loose", "Dense", params={"units": 3}))
    broken = check(replace(report.project, graph=Graph(nodes)))
    assert broken.errors
    received, found = preview_data(broken, rows)
    assert by_name(received)["city"].rows[0].values == (0, 0, 1)
    assert found == ()


def test_a_split_that_does_not_fit_is_found_and_ports_are_shown_all_the_same(rows):
    report = begun(rows, "species")
    split = {"kind": "stratified", "params": {"column": "id"}}
    project = apply_edit(report.project, {"do": "set_split", "split": split})
    received, found = preview_data(check(project), rows)
    assert [bad.code for bad in found] == ["split-unfit"]
    assert received.sides == {}
    assert by_name(received)["city"].rows[0].values == (0, 0, 1)


def test_findings_about_cells_name_the_lines_of_the_file(rows):
    text = rows.read_text().splitlines()
    text[18] = text[18].replace("Rome", "").replace("Oslo", "").replace("Bern", "")
    rows.write_text("\n".join(text) + "\n")
    nodes = (
        Node("city", "Input", params={"shape": [3]}),
        Node("last", "Dense", {"x": "city"}, {"units": 1}),
        Node("mass", "Output", {"x": "last"}, {"loss": "mse", "missing": "mask"}),
    )
    _, found = preview_data(check(Project(Graph(nodes))), rows)
    (bad,) = [each for each in found if each.is_error]
    assert bad.code == "cell-missing"
    assert "row 17" in bad.place
    assert "line 19 of the file" in bad.place


def test_numbers_that_no_float_holds_are_told_with_their_lines(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(
        "x,y\n" + "".join(f"{row if row != 21 else ''},{row % 5}.5\n" for row in range(40))
    )
    nodes = (
        Node("x", "Input", params={"shape": [1]}),
        Node("last", "Dense", {"x": "x"}, {"units": 1}),
        Node("y", "Output", {"x": "last"}, {"loss": "mse"}),
    )
    received, found = preview_data(check(Project(Graph(nodes))), path)
    (bad,) = [each for each in found if each.is_error]
    assert (bad.code, bad.node) == ("not-finite", "x")
    assert "line 23 of the file" in bad.place
    assert by_name(received)["x"].rows[0].values == (0,)


def test_arrays_and_lists_are_shown(tmp_path):
    path = tmp_path / "rows.npz"
    rng = np.random.default_rng(3)
    np.savez(path, x=rng.normal(size=(40, 5)), y=rng.normal(size=40))
    report = begun(path, "y")
    view = by_name(preview_data(report, path)[0])["x"]
    assert view.rows[0].cells[0].count(", ") == 4
    assert len(view.rows[0].values) == 5


def test_a_file_that_can_not_be_read_is_refused(tmp_path, rows):
    with pytest.raises(DiagnosticError):
        preview_data(begun(rows, "species"), tmp_path / "gone.csv")


def test_a_bad_cell_hides_no_sound_row(rows):
    """Neither one among the rows that are shown, nor one far down."""
    text = rows.read_text().splitlines()
    text[3] = text[3].replace(",3.0,", ",about 3,")
    text[41] = text[41].replace(",60.0,", ",?,")
    report = begun(rows, "species")
    rows.write_text("\n".join(text) + "\n")
    mapping = {"do": "set_mapping", "side": "inputs", "node": "ok", "source": {"column": "size"}}
    received, found = preview_data(check(apply_edit(report.project, mapping)), rows)
    view = by_name(received)["ok"]
    assert {bad.code for bad in found if bad.is_error} == {"not-finite"}
    assert "number-unreadable" in {bad.code for bad in found}
    assert (view.rows[2].cells, view.rows[2].values) == (("about 3",), (None,))
    assert view.rows[1].values == (1.5,)
    assert view.dtype == "float32"


def test_an_empty_target_is_marked_and_the_others_are_shown(rows):
    text = rows.read_text().splitlines()
    text[2] = text[2].replace("Gentoo", "")
    report = begun(rows, "species")
    rows.write_text("\n".join(text) + "\n")
    view = by_name(preview_data(report, rows)[0])["species"]
    assert [row.fault for row in view.rows[:3]] == ["", "the cell is empty", ""]
    assert view.rows[0].values != ()


def test_cells_with_decimal_commas_are_shown_as_the_numbers_are(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("x;kind;y\n" + "".join(f"{n},5;a, b{n % 2};{n % 7},25\n" for n in range(40)))
    views = by_name(preview_data(begun(path, "y"), path)[0])
    cells = {view.columns: view.rows[3].cells for view in views.values()}
    assert cells[("x",)] == ("3.5",)
    assert cells[("y",)] == ("3.25",)
    assert cells[("kind",)] == ("a, b1",)


def test_a_comma_that_a_few_rows_leave_open_is_what_it_is_in_the_whole_table(tmp_path):
    path = tmp_path / "rows.csv"
    lines = ["x;y", *[f"{n % 8 + 1},{n % 700 + 123};{n % 7},5" for n in range(40)]]
    path.write_text("\n".join(lines) + "\n")
    report = begun(path, "y")
    received, found = preview_data(report, path)
    assert not [each for each in found if each.is_error]
    assert by_name(received)["x"].rows[0].values != ()
    lines[3] = "oops;1,5"
    path.write_text("\n".join(lines) + "\n")
    view = by_name(preview_data(report, path)[0])["x"]
    assert [row.fault for row in view.rows[:4]] == [""] * 4, "a word is missing"


def test_a_word_among_dates_may_be_taken_as_missing(rows):
    text = rows.read_text().splitlines()
    text[3] = text[3].replace("2024-03-03", "soon")
    report = begun(rows, "species")
    rows.write_text("\n".join(text) + "\n")
    received, found = preview_data(report, rows)
    (bad,) = [each for each in found if each.is_error]
    assert (bad.code, bad.node) == ("date-unreadable", "day")
    assert bad.fixes[0].edit == {"do": "take_missing", "words": ["soon"]}
    view = by_name(received)["day"]
    assert [row.fault for row in view.rows[:4]] == ["", "", "can't be read: 'soon'", ""]
    _, found = preview_data(check(apply_edit(report.project, bad.fixes[0].edit)), rows)
    assert [each.code for each in found if each.is_error] == [], "it is filled"

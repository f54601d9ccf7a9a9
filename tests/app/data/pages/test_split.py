"""Who trains, validates and tests, and how much it counts, is chosen and counted in one place."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit

from app.controls.forms.labeled_field import LabeledField
from app.data.pages.split import SplitPage
from tests.app.data.conftest import ROWS, settled
from tests.app.inspector.editing import choose_by_keys, retype

pytestmark = pytest.mark.slow


@pytest.fixture
def division(begun, page, workspace, qtbot):
    from app.data.table.table_loader import TableLoader

    source = TableLoader(workspace)
    made = page(SplitPage)
    made.activateWindow()
    begun.request_table_contents()
    qtbot.waitUntil(
        lambda: begun.table_contents is not None and not begun.table_contents.is_reading
    )
    yield made
    source._background.cancel()


def test_rows_are_counted(division):
    assert division.bar.legend() == ["54 training rows (90%)", "6 validation rows (10%)"]
    assert 'in equal shares of "species"' in division.status.text()


def test_no_field_moves_while_rows_are_counted(division, begun, qtbot):
    """A form that jumped by a line took a value away from the field it was typed for."""
    shares = division.split.fractions
    before = places_of(division)
    retype(shares["validation"], "0.3")
    shares["test"].setFocus()
    QTest.keyClicks(shares["test"], "0.1")
    qtbot.waitUntil(lambda: division.status.text() == "Counting rows…")
    assert places_of(division) == before
    settled(qtbot, division.known)
    assert division.status.text() != "Counting rows…"
    assert places_of(division) == before
    assert shares["test"].text() == "0.1"
    QTest.keyClick(shares["test"], Qt.Key.Key_Return)
    assert begun.project.data["split"]["params"]["test"] == 0.1


def places_of(division):
    fields = division.findChildren(LabeledField)
    return [field.mapTo(division, field.rect().topLeft()).y() for field in fields]


def test_every_field_has_help(division):
    fields = division.findChildren(LabeledField)
    assert len(fields) >= 9
    assert all(field.field.accessibleName() and field._help.text() for field in fields)
    assert all(field.field.toolTip() for field in fields)


@pytest.mark.parametrize(
    ("kind", "column", "sides"),
    [("random", None, [54, 6]), ("group", "island", [30, 30]), ("time", "length", [54, 6])],
)
def test_a_kind_of_split_is_chosen_by_keys(division, begun, qtbot, kind, column, sides):
    kinds = [division.split.kind.itemData(at) for at in range(division.split.kind.count())]
    assert kinds == ["random", "stratified", "group", "time", "column"]
    choose_by_keys(division.split.kind, kind)
    if column:
        choose_by_keys(division.split.column, column)
    settled(qtbot, division.known)
    said = begun.project.data.get("split")
    assert said == (column and {"kind": kind, "params": {"column": column}})
    assert list(division.known.preview.sides.values())[:2] == sides
    assert division.split.column.parentWidget().isVisible() is bool(column)


def test_shares_are_typed(division, begun, qtbot):
    retype(division.split.fractions["validation"], "0,25")
    retype(division.split.fractions["test"], "0.1")
    settled(qtbot, division.known)
    params = begun.project.data["split"]["params"]
    assert params == {"column": "species", "validation": 0.25, "test": 0.1}
    assert division.bar.legend()[2] == "6 test rows (10%)"
    begun.undo()
    assert "test" not in begun.project.data["split"]["params"]
    assert division.split.fractions["test"].text() == ""


def test_a_split_that_does_not_fit_is_said_there(division, begun, qtbot):
    choose_by_keys(division.split.column, "length")
    settled(qtbot, division.known)
    choose_by_keys(division.split.column, "mass")
    settled(qtbot, division.known)
    assert division.note.isVisible()
    assert "stratified" in division.note.text


def test_words_of_a_column_are_typed(division, begun, qtbot):
    choose_by_keys(division.split.kind, "column")
    choose_by_keys(division.split.column, "island")
    retype(division.split.values["train"], "Dream")
    retype(division.split.values["validation"], "Biscoe")
    settled(qtbot, division.known)
    assert begun.project.data["split"] == {
        "kind": "column",
        "params": {"column": "island", "train": ["Dream"], "validation": ["Biscoe"]},
    }
    assert division.known.preview.sides == {"train": 30, "validation": 30, "test": 0}


def test_files_apart_are_chosen_and_taken_back(division, begun, table, tmp_path, qtbot):
    other = tmp_path / "more.csv"
    other.write_text(table.read_text())
    field = division.files["validation"]
    qtbot.mouseClick(field.choose_button, Qt.MouseButton.LeftButton)
    dialog = division.findChild(QFileDialog)
    name = dialog.findChild(QLineEdit, "fileNameEdit")
    name.setText(str(other))
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert begun.split_paths == (other, None)
    settled(qtbot, division.known)
    assert division.known.preview.sides["validation"] == ROWS
    assert "more.csv" in division.status.text()
    qtbot.mouseClick(field.clear_button, Qt.MouseButton.LeftButton)
    assert begun.split_paths == (None, None)
    settled(qtbot, division.known)
    assert division.known.preview.sides["validation"] == 6


def test_weights_of_rows_are_chosen_for_all_or_one_output(division, begun, qtbot):
    weights = division.weights
    choose_by_keys(weights.sample_weight_fields[""], "visits")
    assert begun.project.data["weights"] == {"column": "visits"}
    choose_by_keys(weights.sample_weight_fields[""], None)
    assert "weights" not in begun.project.data
    choose_by_keys(weights.sample_weight_fields["mass"], "visits")
    assert begun.project.data["weights"] == {"mass": {"column": "visits"}}
    settled(qtbot, division.known)
    assert [bad for bad in division.known.diagnostics if bad.is_error] == []


def test_classes_are_balanced(division, begun):
    assert list(division.weights.class_weight_fields) == ["species"]
    choose_by_keys(division.weights.class_weight_fields["species"], "balanced")
    assert begun.graph["species"].params["class_weight"] == "balanced"
    begun.undo()
    assert begun.graph["species"].params.get("class_weight") is None


def test_files_apart_are_remembered_with_the_document(session, tmp_path: Path):
    session.data_path = tmp_path / "rows.csv"
    session.split_paths = (tmp_path / "validation.csv", tmp_path / "test.csv")
    session.path = tmp_path / "net.loom.json"
    from app.documents.session import Session

    again = Session(path=tmp_path / "net.loom.json")
    assert again.split_paths == session.split_paths
    again.data_path = tmp_path / "others.csv"
    assert again.split_paths == (None, None), "they went with the other data"
    again.deleteLater()


def test_windows_are_an_edit_and_refuse_other_splits(division, begun, qtbot):
    form = division.windows
    assert not form.steps["past"].isVisible()
    choose_by_keys(form.columns["by"], "length")
    assert begun.project.data["windows"] == {"by": "length"}
    retype(form.steps["ahead"], "3")
    QTest.keyClick(form.steps["ahead"], Qt.Key.Key_Return)
    choose_by_keys(form.columns["group"], "note")  # the first entry: each key is an edit
    expected = {"by": "length", "group": "note", "ahead": 3}
    assert begun.project.data["windows"] == expected
    qtbot.waitUntil(lambda: "split-unfit" in [each.code for each in begun.report.diagnostics])
    begun.undo()
    assert "group" not in begun.project.data["windows"]
    assert form.columns["group"].currentIndex() == 0
    form.columns["by"].setFocus()
    QTest.keyClick(form.columns["by"], Qt.Key.Key_Home)
    assert "windows" not in begun.project.data

"""From a file of a person's own to a first network, by mouse or by keys."""

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from app.controls.dialogs.data_dialog import KINDS
from app.controls.inputs.fix_button import FixButton
from app.files.documents.document_manager import Files
from app.files.start.column_model import ABOUT, KIND, LEARN, MISSING, NAME, PREDICT
from app.files.start.start_from_data import StartDialog
from app.theme.theme import Theme
from engine.check.report import check
from engine.data.readers.registry import SPREADSHEET_EXTENSIONS
from engine.data.samples import write_sample
from engine.graph.model import Project
from tests.app.windows import visible

_CHECK = Qt.ItemDataRole.CheckStateRole


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    """A table with an id, a constant, words, numbers with holes and labels."""
    path = tmp_path / "birds.csv"
    lines = ["id,study,note,length,island,species,mass"]
    for row in range(60):
        length = "" if row % 9 == 4 else f"{30 + row / 7:.1f}"
        note = ["seen from the boat", "nest with two eggs", "no nest here at all"][row % 3]
        island, species = ["Dream", "Biscoe"][row % 2], ["Adelie", "Gentoo", "Chinstrap"][row % 3]
        lines.append(f"{row},PAL,{note} {row},{length},{island},{species},{3000 + 9 * row}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def dialog(theme: Theme, birds: Path, qtbot: QtBot) -> StartDialog:
    return shown(theme, birds, qtbot)


def shown(theme: Theme, path: Path, qtbot: QtBot) -> StartDialog:
    dialog = StartDialog(theme, path)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitActive(dialog)
    qtbot.waitUntil(lambda: dialog._contents is not None and not dialog._contents.is_reading)
    return dialog


def cell(dialog: StartDialog, name: str, column: int) -> QModelIndex:
    model = dialog.table.model()
    rows = [model.index(row, NAME).data() for row in range(model.rowCount())]
    return model.index(rows.index(name), column)


def ticked(dialog: StartDialog, column: int) -> list[str]:
    model = dialog.table.model()
    rows = range(model.rowCount())
    on = [row for row in rows if model.index(row, column).data(_CHECK) == Qt.CheckState.Checked]
    return [model.index(row, NAME).data() for row in on]


def click(dialog: StartDialog, name: str, column: int) -> None:
    """Click a tick as a person does."""
    rect = dialog.table.visualRect(cell(dialog, name, column))
    at = QPoint(rect.left() + 14, rect.center().y())
    QTest.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def drawn(dialog: StartDialog, qtbot: QtBot) -> Project:
    with qtbot.waitSignal(dialog.begun) as begun:
        qtbot.mouseClick(dialog.draw, Qt.MouseButton.LeftButton)
    return begun.args[0]


def test_the_columns_are_told_and_usual_ones_are_ticked(dialog: StartDialog) -> None:
    """The last column is predicted; ids and constants are left out, and it is said why."""
    assert ticked(dialog, PREDICT) == ["mass"]
    assert ticked(dialog, LEARN) == ["note", "length", "island", "species"]
    assert cell(dialog, "length", KIND).data() == "number"
    assert cell(dialog, "length", MISSING).data() == "7"
    assert cell(dialog, "island", ABOUT).data() == "Dream, Biscoe"
    assert "looks like an identifier" in cell(dialog, "id", ABOUT).data()
    assert "the same" in cell(dialog, "study", ABOUT).data()
    assert dialog._rows.text() == "60 rows, 7 columns"
    assert dialog._status.text() == "Predicts mass from 4 columns."


def test_words_can_not_be_predicted(dialog: StartDialog) -> None:
    """The tick is not there to be set."""
    click(dialog, "note", PREDICT)
    assert ticked(dialog, PREDICT) == ["mass"]
    assert "can be predicted" in cell(dialog, "note", PREDICT).data(Qt.ItemDataRole.ToolTipRole)


def test_a_network_is_drawn_for_what_is_ticked(dialog: StartDialog, qtbot: QtBot) -> None:
    """By mouse: one target more, one column less; the network has no errors, the dialog closes."""
    click(dialog, "species", PREDICT)
    click(dialog, "note", LEARN)
    assert ticked(dialog, LEARN) == ["length", "island"]
    assert dialog._status.text() == "Predicts species and mass from 2 columns."
    project = drawn(dialog, qtbot)
    report = check(project)
    assert report.errors == []
    assert list(report.heads) == ["species", "mass"]
    named = [report.mapping.source("inputs", port).names for port in report.input_specs()]
    assert sorted(named) == [("island",), ("length",)]
    assert project.data["split"]["params"] == {"column": "species"}
    assert not dialog.isVisible()


def test_keys_alone_do(dialog: StartDialog, qtbot: QtBot) -> None:
    """Arrows walk, Space ticks, Enter draws."""
    assert dialog.table.hasFocus()
    assert dialog.table.currentIndex().data() == "id"
    QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    assert "id" in ticked(dialog, LEARN)
    for _ in range(5):
        QTest.keyClick(dialog.table, Qt.Key.Key_Down)
    QTest.keyClick(dialog.table, Qt.Key.Key_Left)
    QTest.keyClick(dialog.table, Qt.Key.Key_Left)
    QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    assert ticked(dialog, PREDICT) == ["species", "mass"]
    with qtbot.waitSignal(dialog.begun):
        QTest.keyClick(dialog.table, Qt.Key.Key_Return)


def test_what_is_missing_is_said(dialog: StartDialog) -> None:
    """Without a target, or without anything to learn from, there is nothing to draw."""
    click(dialog, "mass", PREDICT)
    assert not dialog.draw.isEnabled()
    assert dialog._status.text() == "Choose at least one target."
    click(dialog, "mass", PREDICT)
    for name in ("note", "length", "island", "species"):
        click(dialog, name, LEARN)
    assert dialog._status.text() == "Choose at least one feature."


def test_a_file_that_can_not_be_read_is_told_and_another_one_may_be_chosen(
    theme: Theme, birds: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    """In the dialog, in words."""
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"a,b\n1,2\n3\n")
    dialog = shown(theme, broken, qtbot)
    assert dialog.note.isVisible()
    assert dialog.note.kind == "error"
    assert "line 3" in dialog.note.text
    assert not dialog.draw.isEnabled()
    qtbot.mouseClick(dialog.other, Qt.MouseButton.LeftButton)
    chooser = dialog.findChild(QFileDialog)
    assert chooser is not None
    field = chooser.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.setText(str(birds))
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ticked(dialog, PREDICT) == ["mass"])
    assert not dialog.note.isVisible()


@pytest.mark.parametrize(
    ("text", "said"),
    [("", '"people.csv" is empty.'), ("a,b\n", '"people.csv" has a header and no rows.')],
)
def test_an_empty_file_is_said_to_be_empty_and_what_to_do(
    theme: Theme, tmp_path: Path, qtbot: QtBot, text: str, said: str
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text)
    dialog = shown(theme, path, qtbot)
    assert dialog.note.isVisible()
    assert dialog.note.text.startswith(said)
    assert "Choose another file" in dialog.note.text
    assert not dialog.draw.isEnabled()


def test_a_file_that_was_mended_is_read_again(
    theme: Theme, birds: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    """One press, without the way through another dialog."""
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"a,b\n1,2\n3\n")
    dialog = shown(theme, broken, qtbot)
    assert dialog.again.isVisible()
    broken.write_bytes(birds.read_bytes())
    qtbot.mouseClick(dialog.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ticked(dialog, PREDICT) == ["mass"])
    qtbot.waitUntil(dialog.draw.isEnabled)
    assert not dialog.note.isVisible()
    assert not dialog.again.isVisible()


def test_what_can_not_be_drawn_is_told_in_the_dialog(theme: Theme, tmp_path: Path, qtbot: QtBot):
    """Lists of numbers that differ in length have no usual way to be read."""
    path = tmp_path / "lists.jsonl"
    path.write_text(
        "".join(f'{{"a": [{"1.5, " * (n % 3 + 1)}2.5], "y": {n}.5}}\n' for n in range(30))
    )
    dialog = shown(theme, path, qtbot)
    qtbot.mouseClick(dialog.draw, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.note.isVisible)
    assert dialog.isVisible()
    assert dialog.note.text
    assert dialog.draw.isEnabled()


def test_escape_leaves_no_thread_behind(theme: Theme, birds: Path, qtbot: QtBot) -> None:
    """Even while the file is being read."""
    dialog = StartDialog(theme, birds)
    dialog.open()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog._reading.is_running


def test_the_network_is_a_new_document_with_its_data(files: Files, workspace, tmp_path: Path):
    """Named after the file, not saved yet; undo leads to an empty one."""
    write_sample("penguins", tmp_path, rows=None, seed=1)
    files.start(Project(recipe={"epochs": 3}), tmp_path / "train.csv")
    session = workspace.session
    assert (session.title, session.path, session.data) == ("train", None, tmp_path / "train.csv")
    assert session.document.is_dirty
    assert len(workspace.sessions) == 1, "the blank document is gone"
    session.undo()
    assert session.project == Project()


@pytest.mark.parametrize("ending", SPREADSHEET_EXTENSIONS)
def test_a_spreadsheet_can_be_chosen_and_it_is_said_how_to_save_it(
    theme: Theme, tmp_path: Path, qtbot: QtBot, ending: str
) -> None:
    path = tmp_path / f"people{ending}"
    path.write_bytes(b"PK")
    assert f"*{ending}" in KINDS
    text = shown(theme, path, qtbot).note.text
    assert "In your spreadsheet: Save As, CSV UTF-8" in text
    assert "numpy" not in text


def test_another_alphabet_than_the_one_looked_for_is_read_by_one_press(
    theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    """The dialog has a button for it, and the document that is begun says so as well."""
    path = tmp_path / "people.csv"
    lines = [f"{150 + row * row % 37};{row % 7},5" for row in range(60)]
    path.write_bytes("\n".join(["привет;score", *lines]).encode("cp1251"))
    dialog = shown(theme, path, qtbot)
    assert "is not UTF-8" in dialog.strange.note.text
    assert not dialog.draw.isEnabled()
    qtbot.waitUntil(lambda: bool(visible(dialog.strange, FixButton)))
    (button,) = visible(dialog.strange, FixButton)
    assert button.accessibleName() == "Read it as Western European (cp1252)"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ticked(dialog, PREDICT) == ["score"] and dialog.draw.isEnabled())
    assert not dialog.strange.isVisible()
    project = drawn(dialog, qtbot)
    assert project.data["file"] == {"encoding": "cp1252"}
    assert not check(project).errors


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A column of numbers in which one cell holds a word."""
    path = tmp_path / "people.csv"
    lines = [f"{'n/a?' if row == 41 else 150 + row},{row % 7}.5" for row in range(60)]
    path.write_text("\n".join(["height,score", *lines]) + "\n")
    return path


def test_a_word_among_numbers_is_told_and_taken_as_missing_by_one_press(
    theme: Theme, odd: Path, qtbot: QtBot
) -> None:
    """The document that is begun says so, too, so that a training reads the file alike."""
    dialog = shown(theme, odd, qtbot)
    assert ticked(dialog, LEARN) == []
    assert "'n/a?' in row 41 can't be read as a number" in dialog.strange.note.text
    qtbot.waitUntil(lambda: bool(visible(dialog.strange, FixButton)))
    (button,) = visible(dialog.strange, FixButton)
    assert button.accessibleName() == 'Treat "n/a?" as missing in every column'
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ticked(dialog, LEARN) == ["height"] and dialog.draw.isEnabled())
    assert not dialog.strange.isVisible()
    assert cell(dialog, "height", MISSING).data() == "1"
    with qtbot.waitSignal(dialog.begun, timeout=10_000) as begun:
        dialog.draw.click()
    project, _ = begun.args
    assert project.data["file"] == {"missing": ["n/a?"]}
    assert not check(project).errors

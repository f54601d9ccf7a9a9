"""From a file of a person's own to a first network, by mouse or by keys."""

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from app.controls.dialogs.file_dialog import DATA_FILE_FILTER
from app.controls.inputs.fix_button import FixButton
from app.files.documents.document_manager import DocumentManager
from app.files.start.column_table import CLASSES, EXAMPLES, FEATURE, MISSING, NAME, TARGET, TYPE
from app.files.start.start_from_data import StartFromDataDialog
from app.theme.theme import Theme
from engine.check.report import check
from engine.cli.commands.new_from_table import write_starter_network
from engine.data.readers.registry import READABLE_EXTENSIONS
from engine.data.readers.text.byte_stream import COMPRESSED_ENDINGS
from engine.data.samples import write_sample
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from tests.app.inspector.editing import choose_by_keys, retype
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
def dialog(theme: Theme, birds: Path, qtbot: QtBot) -> StartFromDataDialog:
    return shown(theme, birds, qtbot)


def shown(theme: Theme, path: Path, qtbot: QtBot) -> StartFromDataDialog:
    dialog = StartFromDataDialog(theme, path)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitActive(dialog)
    qtbot.waitUntil(lambda: dialog._contents is not None and not dialog._contents.is_reading)
    return dialog


def cell(dialog: StartFromDataDialog, name: str, column: int) -> QModelIndex:
    model = dialog.table.model()
    rows = [model.index(row, NAME).data() for row in range(model.rowCount())]
    return model.index(rows.index(name), column)


def ticked(dialog: StartFromDataDialog, column: int) -> list[str]:
    model = dialog.table.model()
    rows = range(model.rowCount())
    on = [row for row in rows if model.index(row, column).data(_CHECK) == Qt.CheckState.Checked]
    return [model.index(row, NAME).data() for row in on]


def click(dialog: StartFromDataDialog, name: str, column: int) -> None:
    """Click a tick as a person does."""
    rect = dialog.table.visualRect(cell(dialog, name, column))
    at = QPoint(rect.left() + 14, rect.center().y())
    QTest.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def drawn(dialog: StartFromDataDialog, qtbot: QtBot) -> Project:
    with qtbot.waitSignal(dialog.project_created) as begun:
        qtbot.mouseClick(dialog.create_button, Qt.MouseButton.LeftButton)
    return begun.args[0]


def test_the_columns_are_told_and_usual_ones_are_ticked(dialog: StartFromDataDialog) -> None:
    """The last column is predicted; ids and constants are left out, and it is said why."""
    assert ticked(dialog, TARGET) == ["mass"]
    assert ticked(dialog, FEATURE) == ["note", "length", "island", "species"]
    assert cell(dialog, "length", TYPE).data() == "number"
    assert cell(dialog, "length", MISSING).data() == "7"
    assert cell(dialog, "island", EXAMPLES).data() == "Dream, Biscoe"
    assert "looks like an identifier" in cell(dialog, "id", EXAMPLES).data()
    assert "the same" in cell(dialog, "study", EXAMPLES).data()
    assert dialog._rows.text() == "60 rows, 7 columns"
    assert dialog._status.text() == "Predicts mass from 4 columns."


def test_words_can_not_be_predicted(dialog: StartFromDataDialog) -> None:
    """The tick is not there to be set."""
    click(dialog, "note", TARGET)
    assert ticked(dialog, TARGET) == ["mass"]
    assert "can be targets" in cell(dialog, "note", TARGET).data(Qt.ItemDataRole.ToolTipRole)


def test_a_network_is_drawn_for_what_is_ticked(dialog: StartFromDataDialog, qtbot: QtBot) -> None:
    """By mouse: one target more, one column less; the network has no errors, the dialog closes."""
    click(dialog, "species", TARGET)
    click(dialog, "note", FEATURE)
    assert ticked(dialog, FEATURE) == ["length", "island"]
    assert dialog._status.text() == "Predicts species and mass from 2 columns."
    project = drawn(dialog, qtbot)
    report = check(project)
    assert report.errors == []
    assert list(report.heads) == ["species", "mass"]
    named = [report.mapping.source("inputs", port).column_names for port in report.input_specs()]
    assert sorted(named) == [("island",), ("length",)]
    assert project.data["split"]["params"] == {"column": "species"}
    assert not dialog.isVisible()


def test_whole_numbers_become_classes_by_one_press(theme, tmp_path: Path, qtbot: QtBot) -> None:
    """Grades are numbers until their box is ticked; only whole numbers in a row have a box."""
    rows = "".join(f"{row / 7},{1 + row % 5}\n" for row in range(60))
    (tmp_path / "t.csv").write_text(f"hours,grade\n{rows}")
    dialog = shown(theme, tmp_path / "t.csv", qtbot)
    assert cell(dialog, "hours", CLASSES).data(_CHECK) is None
    assert ticked(dialog, CLASSES) == []
    click(dialog, "grade", CLASSES)
    assert ticked(dialog, CLASSES) == ["grade"]
    (head,) = check(drawn(dialog, qtbot)).heads.values()
    assert head.class_count == 5


def test_keys_alone_do(dialog: StartFromDataDialog, qtbot: QtBot) -> None:
    """Arrows walk, Space ticks, Enter draws."""
    assert dialog.table.hasFocus()
    assert dialog.table.currentIndex().data() == "id"
    QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    assert "id" in ticked(dialog, FEATURE)
    for _ in range(5):
        QTest.keyClick(dialog.table, Qt.Key.Key_Down)
    QTest.keyClick(dialog.table, Qt.Key.Key_Left)
    QTest.keyClick(dialog.table, Qt.Key.Key_Left)
    QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    assert ticked(dialog, TARGET) == ["species", "mass"]
    with qtbot.waitSignal(dialog.project_created):
        QTest.keyClick(dialog.table, Qt.Key.Key_Return)


def test_what_is_missing_is_said(dialog: StartFromDataDialog) -> None:
    """Without a target, or without anything to learn from, there is nothing to draw."""
    click(dialog, "mass", TARGET)
    assert not dialog.create_button.isEnabled()
    assert dialog._status.text() == "Choose at least one target."
    click(dialog, "mass", TARGET)
    for name in ("note", "length", "island", "species"):
        click(dialog, name, FEATURE)
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
    assert not dialog.create_button.isEnabled()
    qtbot.mouseClick(dialog.other_file_button, Qt.MouseButton.LeftButton)
    chooser = dialog.findChild(QFileDialog)
    assert chooser is not None
    field = chooser.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.setText(str(birds))
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ticked(dialog, TARGET) == ["mass"])
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
    assert not dialog.create_button.isEnabled()


def test_a_file_that_was_mended_is_read_again(
    theme: Theme, birds: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    """One press, without the way through another dialog."""
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"a,b\n1,2\n3\n")
    dialog = shown(theme, broken, qtbot)
    assert dialog.reload_button.isVisible()
    broken.write_bytes(birds.read_bytes())
    qtbot.mouseClick(dialog.reload_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ticked(dialog, TARGET) == ["mass"])
    qtbot.waitUntil(dialog.create_button.isEnabled)
    assert not dialog.note.isVisible()
    assert not dialog.reload_button.isVisible()


def test_what_can_not_be_drawn_is_told_in_the_dialog(theme: Theme, tmp_path: Path, qtbot: QtBot):
    """Lists of numbers that differ in length have no usual way to be read."""
    path = tmp_path / "lists.jsonl"
    path.write_text(
        "".join(f'{{"a": [{"1.5, " * (n % 3 + 1)}2.5], "y": {n}.5}}\n' for n in range(30))
    )
    dialog = shown(theme, path, qtbot)
    qtbot.mouseClick(dialog.create_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.note.isVisible)
    assert dialog.isVisible()
    assert dialog.note.text
    assert dialog.create_button.isEnabled()


def test_escape_leaves_no_thread_behind(theme: Theme, birds: Path, qtbot: QtBot) -> None:
    """Even while the file is being read."""
    dialog = StartFromDataDialog(theme, birds)
    dialog.open()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog._reading.is_running


def test_the_network_is_a_new_document_with_its_data(
    files: DocumentManager, workspace, tmp_path: Path
):
    """Named after the file, not saved yet; undo leads to an empty one."""
    write_sample("penguins", tmp_path, rows=None, seed=1)
    files.open_starter(Project(recipe={"epochs": 3}), tmp_path / "train.csv")
    session = workspace.session
    assert (session.title, session.path, session.data_path) == (
        "train",
        None,
        tmp_path / "train.csv",
    )
    assert session.undo_history.is_dirty
    assert len(workspace.sessions) == 1, "the blank document is gone"
    session.undo()
    assert session.project == Project()


def test_a_spreadsheet_can_be_chosen_and_it_is_said_how_to_save_it(
    theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "people.numbers"
    path.write_bytes(b"PK")
    endings = DATA_FILE_FILTER.partition("(")[2].partition(")")[0].split()
    assert {f"*{ending}" for ending in (*READABLE_EXTENSIONS, *COMPRESSED_ENDINGS)} < {*endings}
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
    assert "is not UTF-8" in dialog.cell_note.note.text
    assert not dialog.create_button.isEnabled()
    qtbot.waitUntil(lambda: bool(visible(dialog.cell_note, FixButton)))
    (button,) = visible(dialog.cell_note, FixButton)
    assert button.accessibleName() == "Read it as Western European (cp1252)"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: ticked(dialog, TARGET) == ["score"] and dialog.create_button.isEnabled()
    )
    assert not dialog.cell_note.isVisible()
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
    assert ticked(dialog, FEATURE) == ["height"]
    assert "not numbers, which count as missing" in dialog.cell_note.note.text
    assert "Found: 'n/a?'" in dialog.cell_note.note.text
    qtbot.waitUntil(lambda: bool(visible(dialog.cell_note, FixButton)))
    (button,) = visible(dialog.cell_note, FixButton)
    assert button.accessibleName() == 'Treat "n/a?" as missing in every column'
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.create_button.isEnabled() and not dialog.cell_note.isVisible())
    assert ticked(dialog, FEATURE) == ["height"]
    assert cell(dialog, "height", MISSING).data() == "1"
    with qtbot.waitSignal(dialog.project_created) as begun:
        dialog.create_button.click()
    project, _ = begun.args
    assert project.data["file"] == {"missing": ["n/a?"]}
    assert not check(project).errors


def test_rows_of_a_time_series_become_windows(theme: Theme, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "sales.csv"
    lines = [f"{2000 + row // 2},{'ab'[row % 2]},{(row * 7) % 13}" for row in range(120)]
    path.write_text("\n".join(["year,shop,sold", *lines]) + "\n")
    dialog = shown(theme, path, qtbot)
    form = dialog.windows
    assert ticked(dialog, TARGET) == ["sold"]
    choose_by_keys(form.columns["by"], "year")
    assert form.columns["group"].findData("year") < 0, "no series has only one time"
    choose_by_keys(form.columns["group"], "shop")
    retype(form.steps["past"], "6")
    QTest.keyClick(form.steps["past"], Qt.Key.Key_Return)
    project = drawn(dialog, qtbot)
    assert project.data["windows"] == {"by": "year", "group": "shop", "past": 6}
    window = check(project).input_specs()["past"]
    assert window.shape == (6, 3), "two for the shop, the year only sorts the rows"
    assert not check(project).errors
    by_command = tmp_path / "sales.loom.json"
    write_starter_network(path, ["sold"], by_command, False, True, "by=year,group=shop,past=6")
    graph = parse(by_command.read_bytes()).project.graph
    assert [node.params for node in graph] == [node.params for node in project.graph]


def test_windows_that_no_series_fills_are_told_in_the_dialog(
    theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("\n".join(["year,sold", *(f"{2000 + n},{n % 5}" for n in range(20))]))
    dialog = shown(theme, path, qtbot)
    choose_by_keys(dialog.windows.columns["by"], "year")
    qtbot.mouseClick(dialog.create_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.note.isVisible())
    assert "No series is as long as a window" in dialog.note.text
    choose_by_keys(dialog.windows.columns["by"], None)
    assert drawn(dialog, qtbot).data.get("windows") is None

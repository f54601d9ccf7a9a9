"""What keys and menus do with files: a test for each row, by real events."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from app.files.start.start_from_data import StartFromDataDialog
from engine.graph.edits import field_edits
from engine.graph.serialization import file
from tests.app.rows.conftest import drawn
from tests.app.rows.menus import answer, back, choose, shown, trigger

pytestmark = pytest.mark.slow


def test_row_new(window, press):
    press("new")
    assert len(window.workspace.sessions) == 2
    assert len(window.workspace.session.graph) == 0


def test_row_new_from_template(window, press, qtbot):
    press("new-from-template")
    dialog = shown(window)
    for card in dialog.gallery.cards[:2]:
        QTest.keyClick(card, Qt.Key.Key_Right)
    QTest.keyClick(dialog.gallery.cards[2], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(window.workspace.session.graph) > 0)
    assert len(window.workspace.sessions) == 2


def test_row_start_from_data(window, press, qtbot, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("size,price\n" + "".join(f"{n * 7 % 23},{3 * n % 17}.5\n" for n in range(40)))
    press("start-from-data")
    answer(window, table)
    dialog = shown(window, StartFromDataDialog)
    qtbot.waitUntil(dialog.create_button.isEnabled)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.workspace.session.data_path == table)
    assert "price" in window.workspace.session.graph
    assert window.workspace.session.current_report().errors == []
    back(window, qtbot)


def test_row_open(window, press, tmp_path):
    path = tmp_path / "small.loom.json"
    file.write(path, drawn())
    press("open")
    answer(window, path)
    assert window.workspace.session.path == path
    assert window.workspace.session.project == drawn()


def test_row_save(window, press, session, tmp_path):
    session.path = tmp_path / "saved.loom.json"
    press("save")
    assert session.path.read_bytes() == file.dumps(session.project).encode()
    assert not session.undo_history.is_dirty


def test_row_save_as(window, press, session, tmp_path):
    press("save-as")
    answer(window, tmp_path / "elsewhere.loom.json")
    assert (tmp_path / "elsewhere.loom.json").is_file()
    assert session.path == tmp_path / "elsewhere.loom.json"


def test_row_export_pytorch(window, sound, tmp_path):
    trigger(window, "export-pytorch")
    answer(window, tmp_path / "net.py")
    assert "nn.Linear(8, 4)" in (tmp_path / "net.py").read_text()


def test_row_export_python(window, sound, tmp_path):
    trigger(window, "export-python")
    answer(window, tmp_path / "net.py")
    assert "layers.Dense(4" in (tmp_path / "net.py").read_text()


def test_row_export_python_beside_pytorch(window, sound):
    """The two do not ask for one another's name."""
    names = []
    for id in ("export-pytorch", "export-python"):
        trigger(window, id)
        dialog = shown(window, QFileDialog)
        names.append(Path(dialog.findChild(QLineEdit, "fileNameEdit").text()).name)
        dialog.reject()
        QApplication.processEvents()
    assert names == ["untitled.py", "untitled_functional.py"]


def test_row_export_png(window, tmp_path):
    pictures = {}
    for colours in ("Dark", "Light"):
        trigger(window, "export-png")
        assert choose(window, colours) == "Which theme?"
        path = tmp_path / f"{colours}.png"
        answer(window, path)
        pictures[colours] = QImage(str(path))
        assert pictures[colours].width() > 800
    assert pictures["Dark"].size() == pictures["Light"].size(), "the same drawing"
    corners = {colours: image.pixelColor(3, 3) for colours, image in pictures.items()}
    assert corners["Light"].lightness() > 200 > 80 > corners["Dark"].lightness()


def test_row_export_svg(window, tmp_path):
    trigger(window, "export-svg")
    choose(window, "Light")
    answer(window, tmp_path / "net.svg")
    text = (tmp_path / "net.svg").read_text()
    assert "Conv1D" in text
    assert ">untitled</text>" in text  # the title of the legend
    assert ">Convolution</text>" in text


def test_row_close_tab(window, press):
    press("new")
    press("close-tab")
    assert len(window.workspace.sessions) == 1
    assert len(window.workspace.session.graph) == 6


def test_row_next_tab(window, press, session):
    press("new")
    other = window.workspace.session
    for row, front in (("next-tab", session), ("next-tab", other), ("previous-tab", session)):
        press(row)
        assert window.workspace.session is front


def test_row_quit(window, press, session):
    session.undo_history.mark_saved()
    press("quit")
    assert not window.isVisible()


def test_row_quit_asks_for_what_would_be_lost(window, press, session):
    session.edit("Set units", field_edits.set_params, "a", {"units": 5})
    press("quit")
    assert window.isVisible()
    dialog = shown(window)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert window.isVisible()


ROWS = ("previous-tab",)

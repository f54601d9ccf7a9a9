"""The file dialog shows whole sizes, and takes or keeps every path that is typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHeaderView, QLineEdit, QTreeView

from app.controls.dialogs.file_dialog import FileDialog
from app.theme import style
from app.theme.theme import Theme


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for size in (3, 2_100, 90_000):
        (tmp_path / f"size{size}.loom.json").write_bytes(b"x" * size)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "net.loom.json").write_text("{}")
    return tmp_path


@pytest.fixture
def dialog(qtbot, qapp, theme: Theme, folder: Path) -> Iterator[FileDialog]:
    style.apply_theme(qapp, theme)
    dialog = FileDialog(None, "Open", str(folder))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitExposed(dialog)
    yield dialog
    dialog.reject()


def field(dialog: FileDialog) -> QLineEdit:
    found = dialog.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(found, QLineEdit)
    return found


def answer(qtbot, dialog: FileDialog, text: object) -> None:
    field(dialog).clear()
    qtbot.keyClicks(field(dialog), str(text))
    qtbot.keyClick(field(dialog), Qt.Key.Key_Return)


def test_a_whole_path_is_taken(qtbot, dialog, folder):
    answer(qtbot, dialog, folder / "inner" / "net.loom.json")
    assert not dialog.isVisible()
    assert dialog.selectedFiles() == [str(folder / "inner" / "net.loom.json")]


def test_the_path_of_a_folder_leads_into_it_and_stays_to_be_typed_on(qtbot, dialog, folder):
    answer(qtbot, dialog, folder / "inner")
    assert dialog.isVisible()
    assert dialog.directory().absolutePath() == str(folder / "inner")
    assert field(dialog).text() == f"{folder}/inner/"
    qtbot.keyClicks(field(dialog), "net.loom.json")
    qtbot.keyClick(field(dialog), Qt.Key.Key_Return)
    assert dialog.selectedFiles() == [str(folder / "inner" / "net.loom.json")]


def test_a_folder_is_an_answer_where_it_may_be(qtbot, dialog, folder):
    dialog.accepts_folders = True
    with qtbot.waitSignal(dialog.fileSelected) as chosen:
        answer(qtbot, dialog, folder / "inner")
    assert chosen.args == [str(folder / "inner")]
    assert dialog.result() == QFileDialog.DialogCode.Accepted
    assert not dialog.isVisible()


def test_sizes_and_dates_are_shown_whole(qtbot, dialog, folder):
    columns = dialog.findChild(QTreeView, "treeView")
    assert isinstance(columns, QTreeView)
    model, header = columns.model(), columns.header()
    qtbot.waitUntil(lambda: model.rowCount(columns.rootIndex()) == 4)
    qtbot.waitUntil(lambda: header.sectionSize(1) > 40)
    for row in range(4):
        for column in range(1, header.count()):
            index = model.index(row, column, columns.rootIndex())
            wide = columns.fontMetrics().horizontalAdvance(str(index.data()))
            assert wide < header.sectionSize(column), index.data()
    assert header.sectionResizeMode(0) == QHeaderView.ResizeMode.Stretch
    name = columns.fontMetrics().horizontalAdvance("size90000.loom.json")
    assert header.sectionSize(0) > name

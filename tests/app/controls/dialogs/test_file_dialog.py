"""File dialogs hand over a path that is typed; where data is chosen, it may be a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMessageBox, QPushButton, QWidget

from app.controls.dialogs.file_dialog import (
    open_data_dialog,
    open_file_dialog,
    open_folder_dialog,
)
from tests.app.windows import settle, visible


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "rows.csv").write_text("a\n1\n")
    return tmp_path


@pytest.fixture
def parent(qtbot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def dialog_of(parent: QWidget) -> QFileDialog:
    (dialog,) = visible(parent, QFileDialog)
    return dialog


def enter(parent: QWidget, path: object) -> None:
    """Type a path into the dialog and press Enter."""
    (field,) = visible(dialog_of(parent), QLineEdit)
    field.setText(str(path))
    QTest.keyClick(field, Qt.Key.Key_Return)


@pytest.mark.parametrize("open_dialog", [open_file_dialog, open_data_dialog])
def test_a_typed_file_is_chosen(parent, folder, open_dialog):
    chosen: list[Path] = []
    open_dialog(parent, "Choose", None, chosen.append)
    assert dialog_of(parent).windowTitle() == "Choose"
    enter(parent, folder / "inner" / "rows.csv")
    assert chosen == [folder / "inner" / "rows.csv"]
    settle()
    assert not parent.findChildren(QFileDialog)


def test_a_typed_folder_is_entered_where_a_file_is_needed(parent, folder):
    chosen: list[Path] = []
    open_file_dialog(parent, "Choose", folder, chosen.append)
    dialog = dialog_of(parent)
    enter(parent, folder / "inner")
    assert dialog.directory().absolutePath() == str(folder / "inner")
    assert chosen == []
    dialog.reject()


@pytest.mark.parametrize("open_dialog", [open_folder_dialog, open_data_dialog])
def test_a_typed_folder_is_chosen(parent, folder, open_dialog):
    chosen: list[Path] = []
    open_dialog(parent, "Choose", folder, chosen.append)
    enter(parent, folder / "inner")
    assert chosen == [folder / "inner"]
    settle()
    assert not parent.findChildren(QFileDialog)


def test_a_data_folder_is_chosen_by_its_button_too(parent, folder):
    chosen: list[Path] = []
    open_data_dialog(parent, "Choose", folder, chosen.append)
    dialog = dialog_of(parent)
    dialog.selectFile(str(folder / "inner"))
    (button,) = [each for each in visible(dialog, QPushButton) if each.text() == "&Open"]
    button.click()
    assert chosen == [folder / "inner"]


@pytest.mark.parametrize("text", ["inner/*.csv", "s3://bucket/part-*.parquet", "file:///data/a"])
def test_a_pattern_or_a_url_is_typed_where_data_is_chosen(parent, folder, text):
    chosen: list[Path] = []
    open_data_dialog(parent, "Choose", folder, chosen.append)
    dialog = dialog_of(parent)
    (field,) = visible(dialog, QLineEdit)
    (button,) = [each for each in visible(dialog, QPushButton) if each.text() == "&Open"]
    dialog.activateWindow()
    assert QTest.qWaitForWindowActive(dialog)
    QTest.keyClicks(field, text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert chosen == [folder / text if text.startswith("inner") else Path(text)]
    settle()
    assert not parent.findChildren(QFileDialog)


def test_a_pattern_without_files_is_not_chosen(parent, folder):
    chosen: list[Path] = []
    said: list[str] = []

    def close_message() -> None:
        (box,) = visible(dialog_of(parent), QMessageBox)
        said.append(box.text())
        QTest.keyClick(box, Qt.Key.Key_Return)

    open_data_dialog(parent, "Choose", folder, chosen.append)
    QTimer.singleShot(0, close_message)
    enter(parent, "inner/*.parquet")
    assert "File not found" in said[0]
    assert chosen == []
    dialog_of(parent).reject()

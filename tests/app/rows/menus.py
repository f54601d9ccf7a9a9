"""What a person does with the menus and dialogs of a window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit

from app.shell.main_window import MainWindow


def trigger(window: MainWindow, id: str) -> None:
    """Choose an entry of a menu, as a click on it does."""
    entry: QAction = window.action_manager.actions[id]
    assert entry.isEnabled()
    entry.trigger()
    QApplication.processEvents()


def places(session) -> dict[str, list[int]]:
    return {name: entry["at"] for name, entry in session.project.view["nodes"].items()}


def answer(window: MainWindow, path: Path) -> None:
    """Type a path into the file dialog and press Enter."""
    dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.setText(str(path))
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()


def choose(window: MainWindow, label: str) -> str:
    """Press a button of the question that is open, and answer what was asked."""
    question = window.document_manager.prompts.active_dialog
    title = question.title
    QTest.mouseClick(question.button(label), Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    return title


def back(window: MainWindow, qtbot) -> None:
    """Go on in the window after a dialog, which else a window manager sees to."""
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    window.tabs.canvas.setFocus()


def shown(window: MainWindow, kind: type = QDialog):
    return next(dialog for dialog in window.findChildren(kind) if dialog.isVisible())

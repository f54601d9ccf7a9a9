"""The description of the project is written in the inspector, and shown where a file is chosen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.files.start.recent_files import RecentFiles
from app.inspector.views.description_edit import DescriptionEdit
from app.shell.main_window import MainWindow
from engine.graph.edits.field_edits import set_description
from engine.graph.serialization.file import write
from tests.app.pointer import CTRL
from tests.app.windows import opened, posts, settle

KEY = Qt.Key
TEXT = "Ages of <b>authors</b>"


@pytest.fixture
def window(qtbot) -> Iterator[MainWindow]:
    with opened(qtbot, posts()) as window:
        yield window


@pytest.fixture
def field(window) -> DescriptionEdit:
    found = window.panels.inspector.findChild(DescriptionEdit)
    found.setFocus()
    settle()
    return found


def test_typed_text_is_committed_by_ctrl_enter_and_undone_as_one_step(window, field):
    session = window.workspace.session
    QTest.keyClicks(field, TEXT)
    QTest.keyClick(field, KEY.Key_Return)
    QTest.keyClicks(field, "second")
    assert session.project.description == ""
    QTest.keyClick(field, KEY.Key_Return, CTRL)
    assert session.project.description == f"{TEXT}\nsecond"
    assert session.undo_history.undo_label == "Edit description"
    tip = window.tabs.tab_bar.tabToolTip(0)
    assert "&lt;b&gt;authors" in tip
    session.undo()
    assert (session.project.description, field.toPlainText()) == ("", "")
    assert not window.panels.training.running  # Ctrl+Enter elsewhere trains


def test_a_loss_of_the_focus_commits_and_other_edits_keep_what_is_typed(window, field):
    session = window.workspace.session
    QTest.keyClicks(field, "typed")
    session.edit("Set", set_description, "")
    session.edit("Recipe", lambda project: project.with_graph(project.graph))
    settle()
    assert field.toPlainText() == "typed"
    window.tabs.canvas.setFocus()
    assert session.project.description == "typed"
    QTest.keyClicks(field, " on")
    window.panels.inspector.commit()  # as before saving
    assert session.project.description.endswith("on")


def test_escape_reverts_and_goes_on_to_the_window(window, field):
    window.dock_layout.show_panel("Inspector")
    QTest.mouseMove(window, field.mapTo(window, field.rect().center()))
    settle()
    window.dock_layout.toggle_maximized()
    settle()
    assert not window.tabs.isVisible()
    field.setFocus()
    QTest.keyClicks(field, "lost")
    QTest.keyClick(field, KEY.Key_Escape)
    settle()
    assert field.toPlainText() == ""
    assert window.workspace.session.project.description == ""
    assert window.tabs.isVisible()


@pytest.mark.parametrize("points", [0, 18])
def test_the_field_is_as_high_as_its_text(window, field, points):
    if points:
        font = field.font()
        font.setPointSize(points)
        field.setStyleSheet(f"font-size: {points}pt")
    empty = field.height()
    assert not field.verticalScrollBar().isVisible()
    window.workspace.session.edit("Set", set_description, "word " * 40)
    settle()
    assert field.height() > empty + 3 * field.fontMetrics().lineSpacing()
    assert not field.verticalScrollBar().isVisible()
    last = field.document().lastBlock()
    bottom = field.blockBoundingGeometry(last).translated(field.contentOffset()).bottom()
    assert bottom <= field.viewport().height()
    window.workspace.session.edit("Set", set_description, "line\n" * 100)
    settle()
    assert field.verticalScrollBar().isVisible()
    assert field.height() < 15 * field.fontMetrics().lineSpacing()
    field.setStyleSheet("")


def test_a_recent_file_shows_its_description(qtbot, theme, tmp_path):
    path = tmp_path / "a.loom.json"
    write(path, set_description(posts().project, "Ages\nof authors"))
    files = RecentFiles(theme)
    qtbot.addWidget(files)
    files.resize(500, 80)
    files.show_files([path])
    files.show()
    qtbot.waitUntil(lambda: files.rows[0].description == "Ages of authors")
    assert files.rows[0].accessibleDescription() == "Ages of authors"
    described = files.grab().toImage()
    files.rows[0].description = ""
    assert files.grab().toImage() != described
    QApplication.processEvents()

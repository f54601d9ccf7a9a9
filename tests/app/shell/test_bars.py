"""Menus and tool bar: what stands together, what is marked, and what is grey."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTabBar, QToolButton

from app.controls.dialogs.menu import without_mnemonic
from app.documents.session import Session
from app.shell.main_window import MainWindow
from app.theme.icons import icon
from tests.app.pointer import Pointer
from tests.app.rows.conftest import drawn
from tests.app.windows import opened, posts, settle


@pytest.fixture
def window(qtbot) -> Iterator[MainWindow]:
    with opened(qtbot, Session(drawn())) as window:
        yield window


def menu(window: MainWindow, title: str) -> QMenu:
    """Return a menu as it is when it opens."""
    found = next(
        entry.menu()
        for entry in window.menuBar().actions()
        if without_mnemonic(entry.text()) == title
    )
    found.aboutToShow.emit()
    return found


def texts(window: MainWindow, title: str) -> list[list[str]]:
    """Return the entries of a menu between its lines."""
    groups: list[list[str]] = [[]]
    for entry in menu(window, title).actions():
        if entry.isSeparator():
            groups.append([])
        else:
            groups[-1].append(without_mnemonic(entry.text()))
    return groups


def test_the_file_menu_has_lines_between_what_is_different(window):
    groups = texts(window, "File")
    assert [group[0] for group in groups] == ["New", "Save", "Export as PyTorch…", "Close", "Quit"]
    assert groups[0][-1] == "Open recent"


@pytest.mark.slow
def test_no_menu_begins_or_ends_with_a_line_or_has_two_in_a_row(window):
    for title in ("File", "Edit", "Select", "Graph", "Arrange", "View", "Train", "Help"):
        groups = texts(window, title)
        assert all(groups), title
        assert max(map(len, groups)) <= 8, title


@pytest.mark.slow
def test_the_minimap_has_a_mark_while_it_is_shown(window):
    entry = window.action_manager.actions["minimap"]
    assert entry.isChecked()
    for shown in (False, True):
        entry.trigger()
        assert entry.isChecked() == window.tabs.is_minimap_visible == shown


def pixels(image: QImage) -> bytes:
    return bytes(image.convertToFormat(QImage.Format.Format_ARGB32).constBits())


def test_the_sign_of_train_is_seen_in_the_menu_and_on_the_button(window):
    """On the menu it has the colour of text, on the button that of text on the accent."""
    entry = window.action_manager.actions["train"]
    button = window.tool_bar.widgetForAction(entry)
    assert isinstance(button, QToolButton)
    for shown, token in ((entry, "text"), (button, "on_accent")):
        seen = shown.icon().pixmap(16, 16).toImage()
        assert pixels(seen) == pixels(icon(window.theme, "play", token).pixmap(16, 16).toImage())


def test_delete_is_grey_until_something_is_selected(window):
    entry = window.action_manager.actions["delete"]
    session = window.workspace.session
    pointer = Pointer(window.tabs.canvas)
    assert not entry.isEnabled()
    session.select(["a"])
    assert entry.isEnabled()
    session.select([])
    assert not entry.isEnabled()
    pointer.click(pointer.wire("y"))
    assert entry.isEnabled()
    QTest.keyClick(window.tabs.canvas.viewer, Qt.Key.Key_Delete)
    settle()
    assert session.graph["y"].inputs == {}
    assert not entry.isEnabled()


def both(window: MainWindow) -> tuple[bool, bool]:
    """Return whether Train can be pressed in the tool bar, and in the panel."""
    button = window.tool_bar.widgetForAction(window.action_manager.actions["train"])
    assert isinstance(button, QToolButton)
    return button.isEnabled(), window.panels.training.bar.train_button.isEnabled()


@pytest.mark.slow
def test_train_is_grey_in_the_tool_bar_whenever_it_is_in_the_panel(qtbot, tmp_path: Path):
    with opened(qtbot, posts()) as window:
        window.dock_layout.show_panel("Training")
        settle()
        assert both(window) == (True, True), "it asks for data"
        button = window.tool_bar.widgetForAction(window.action_manager.actions["train"])
        assert isinstance(button, QToolButton)
        assert "Choose data to train on first." in button.toolTip()
        window.panels.training.set_data(tmp_path)
        settle()
        assert both(window) == (True, True)
        window.workspace.session.select(["conv"])
        settle()
        assert both(window) == (True, True), "whatever else changes"
        window.document_manager.new()
        settle()
        assert both(window) == (False, False)


def test_the_key_of_train_tells_why_it_cant(window):
    """A key that does nothing would tell nobody anything; this network has errors."""
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F5)
    settle()
    assert window.docks["Training"].isVisible()
    assert window.panels.training.disabled_reason()


@pytest.mark.slow
def test_no_tab_of_a_panel_is_left_on_the_welcome_page(window):
    """They come back with their panels."""

    def tabs() -> list[str]:
        bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        shown = [bar for bar in bars if bar.isVisible()]
        return [bar.tabText(at) for bar in shown for at in range(bar.count())]

    window.dock_layout.show_panel("Training")
    settle()
    assert "Training" in tabs()
    window.controllers.welcome.show()
    settle()
    assert tabs() == []
    window.tabs.hide_welcome()
    settle()
    assert "Training" in tabs()

"""Panels and canvas that fill the window, and the layout that comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QToolButton, QWidget

from app.shell.main_window import MainWindow
from tests.app.windows import opened, posts, settle


@pytest.fixture
def window(qtbot) -> Iterator[MainWindow]:
    with opened(qtbot, posts()) as window:
        yield window
        QTest.mouseMove(window, QPoint(2, 2))


def press(window: MainWindow, key: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, key, modifiers)
    for _ in range(4):
        settle()


def press_over(window: MainWindow, widget: QWidget) -> None:
    """Press Ctrl+Space while the pointer is over a widget."""
    QTest.mouseMove(window, widget.mapTo(window, widget.rect().center()))
    settle()
    press(window, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)


def geometry(window: MainWindow) -> dict[str, QRect]:
    """Return where everything is that is seen."""
    seen = {title: dock for title, dock in window.docks.items() if dock.isVisible()}
    parts = {title: dock.geometry() for title, dock in seen.items()}
    return parts | {"canvas": window.tabs.geometry()}


def shown(window: MainWindow) -> list[str]:
    return [title for title, dock in window.docks.items() if dock.isVisible()]


@pytest.mark.parametrize("title", ["Layers", "Inspector", "Problems", "Training", "Results"])
@pytest.mark.parametrize("back", ["same key", "Escape"])
def test_each_panel_fills_the_window_and_the_same_layout_comes_back(window, title, back):
    window.dock_layout.show_panel("Training")
    window.dock_layout.show_panel(title)
    settle()
    window.resizeDocks([window.docks["Layers"]], [270], Qt.Orientation.Horizontal)
    settle()
    before = geometry(window)
    dock = window.docks[title]
    press_over(window, dock)
    assert shown(window) == [title]
    assert not window.tabs.isVisible()
    assert dock.width() == window.width()
    assert dock.height() > window.height() - 150
    if back == "Escape":
        press(window, Qt.Key.Key_Escape)
    else:
        press_over(window, dock)
    assert geometry(window) == before


def test_the_canvas_fills_the_window_and_escape_first_ends_its_selection(window):
    before = geometry(window)
    window.workspace.session.select(["posts"])
    press_over(window, window.tabs.canvas)
    assert shown(window) == []
    assert window.tabs.width() == window.width()
    press(window, Qt.Key.Key_Escape)
    assert shown(window) == []
    press(window, Qt.Key.Key_Escape)
    assert geometry(window) == before


def test_the_focused_panel_is_maximized_if_the_pointer_is_elsewhere(window):
    window.panels.palette.findChild(QLineEdit).setFocus()
    press_over(window, window.menu_bar)
    assert shown(window) == ["Layers"]


def test_the_button_in_the_title_maximizes_and_restores(window):
    before = geometry(window)
    button = window.docks["Inspector"].findChild(QToolButton, "dock-maximize")
    for titles in (["Inspector"], [title for title in before if title != "canvas"]):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        for _ in range(4):
            settle()
        assert shown(window) == titles
    assert geometry(window) == before


def test_what_needs_the_canvas_or_another_panel_ends_it(window):
    before = geometry(window)
    press_over(window, window.docks["Inspector"])
    assert shown(window) == ["Inspector"]
    window.workspace.session.reveal(["posts"])
    for _ in range(4):
        settle()
    assert geometry(window) == before
    press_over(window, window.docks["Inspector"])
    window.dock_layout.show_panel("Training")
    settle()
    assert window.tabs.isVisible()
    assert {"Inspector", "Training", "Layers"} <= set(shown(window))


def test_a_window_closed_with_a_maximized_panel_opens_with_all(window):
    before = window.dock_layout.save_state()
    press_over(window, window.docks["Inspector"])
    assert window.dock_layout.save_state() == before

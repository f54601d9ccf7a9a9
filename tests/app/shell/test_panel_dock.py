"""A panel that floats: in a window with a frame, large enough, and remembered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton

from app.shell.main_window import MainWindow
from tests.app.windows import opened, posts, settle


@pytest.fixture
def window(qtbot) -> Iterator[MainWindow]:
    with opened(qtbot, posts(), is_new=True) as window:
        yield window


def click(window: MainWindow, button: str) -> None:
    found = window.docks["Problems"].findChild(QToolButton, button)
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)
    settle()


def is_framed(window: MainWindow) -> bool:
    flags = window.docks["Problems"].windowFlags()
    is_frameless = bool(flags & Qt.WindowType.FramelessWindowHint)
    return bool(flags & Qt.WindowType.WindowTitleHint) and not is_frameless


def test_a_floating_panel_has_a_frame_and_more_height_than_in_the_window(window):
    dock = window.docks["Problems"]
    before = dock.height()
    click(window, "dock-float")
    assert dock.isFloating()
    assert dock.isVisible()
    assert is_framed(window)
    assert dock.height() >= 560 > before
    assert not dock.titleBarWidget().findChild(QLabel).text()  # the title is in the frame
    click(window, "dock-float")
    assert not dock.isFloating()
    assert dock.titleBarWidget().findChild(QLabel).text() == dock.windowTitle()


def test_a_panel_that_is_docked_again_is_in_front(window):
    click(window, "dock-float")
    window.dock_layout.show_panel("Data")
    settle()
    click(window, "dock-float")
    assert not window.docks["Problems"].visibleRegion().isEmpty()


def test_a_double_click_on_the_title_floats_too(window):
    QTest.mouseDClick(window.docks["Problems"].titleBarWidget(), Qt.MouseButton.LeftButton)
    settle()
    assert window.docks["Problems"].isFloating()
    assert is_framed(window)


def test_place_and_frame_of_a_floating_panel_come_back_with_the_layout(window):
    dock = window.docks["Problems"]
    click(window, "dock-float")
    dock.setGeometry(60, 70, 500, 400)
    state, before = window.dock_layout.save_state(), dock.geometry()
    window.dock_layout.reset()
    settle()
    assert not dock.isFloating()
    window.dock_layout.restore(state)
    settle()
    assert dock.isFloating()
    assert dock.geometry() == before
    assert is_framed(window)


def test_a_panel_behind_another_tab_is_hidden_and_comes_back(window):
    summary, problems = window.docks["Summary"], window.docks["Problems"]
    window.dock_layout.show_panel("Problems")
    settle()
    assert problems.widget().isVisible()
    assert not summary.widget().isVisible()
    window.dock_layout.show_panel("Summary")
    settle()
    assert summary.widget().isVisible()
    assert not problems.widget().isVisible()

"""The pages beside the columns are named, fit where it is narrow, and are reached by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.documents.session import Session
from app.files.start.start_from_data import StartFromDataDialog
from engine.data.readers.table_file import open_table
from engine.data.starter.starter_graph import build_starter_project
from tests.app.data.conftest import settled
from tests.app.test_accessibility import CONTROLS, describe, is_part, nameless
from tests.app.test_texts_fit import too_narrow
from tests.app.windows import opened, settle

TABS = ("Ports", "Checks", "Split")


@pytest.fixture(params=["dark", "light"])
def window(qtbot, table, request):
    session = Session(build_starter_project(open_table(table), ["species", "mass"]).project)
    session.data_path = table
    with opened(qtbot, session, mode=request.param) as window:
        yield window


def turn(window, qtbot, title) -> QWidget:
    """Turn to a page of the data panel, and wait for what it shows."""
    window.controllers.data.show_table()
    window.panels.data.show_tab(title)
    settled(qtbot, window.panels.data.data_check)
    settle()
    return window.panels.data._views.currentWidget()


@pytest.mark.slow
def test_pages_are_named_and_their_texts_fit(window, qtbot):
    for title in TABS:
        page = turn(window, qtbot, title)
        assert page.accessibleName() == title
        for width in (1000, 1400):
            window.resize(width, 800)
            settle()
            assert nameless(page) == []
            assert too_narrow(page) == set(), f"{title} at {width}"


@pytest.mark.slow
@pytest.mark.parametrize("title", TABS)
def test_tab_reaches_every_control_of_a_page(qtbot, table, title):
    session = Session(build_starter_project(open_table(table), ["species", "mass"]).project)
    session.data_path = table
    with opened(qtbot, session) as window:
        page = turn(window, qtbot, title)
        window.panels.data.tabs.setFocus()
        reached = set()
        for _ in range(60):
            reached.add(QApplication.focusWidget())
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        wanted = {
            widget for widget in page.findChildren(QWidget)
            if isinstance(widget, CONTROLS) and widget.isVisible() and widget.isEnabled()
            and not is_part(widget) and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        }  # fmt: skip
        assert wanted
        assert [describe(widget) for widget in wanted - reached] == []


@pytest.mark.slow
def test_the_dialog_of_a_start_is_named_and_its_texts_fit(window, qtbot, table):
    dialog = StartFromDataDialog(window.theme, table, window)
    dialog.open()
    qtbot.waitUntil(dialog.create_button.isEnabled)
    assert nameless(dialog) == []
    for width in (620, 900):
        dialog.resize(width, 500)
        settle()
        assert too_narrow(dialog) == set(), width
    dialog.reject()

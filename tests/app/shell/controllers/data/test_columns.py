"""The table of columns is shown on request, and a node for columns is added to the canvas."""

from __future__ import annotations

import pytest

from app.shell.controllers.data.columns import ColumnsController


@pytest.fixture
def asked(training, monkeypatch):
    asked = []
    monkeypatch.setattr(training, "open_data_dialog", lambda: asked.append(True))
    return asked


@pytest.fixture
def controller(data, inspector, training, workspace, tabs, display, asked):
    return ColumnsController(data, inspector, training, workspace, tabs, display)


def test_the_table_is_shown_high_enough_for_its_rows(controller, display, qtbot):
    with qtbot.waitSignal(display.show_requested) as requested:
        controller.show_table()
    title, height = requested.args
    assert title == "Data"
    assert height > 300


def test_without_data_a_file_is_asked_for(controller, asked, inspector, shown):
    inspector.data_requested.emit()
    assert (shown, asked) == (["Data"], [True])


def test_with_data_only_the_table_is_shown(controller, asked, inspector, session, shown, tmp_path):
    session.data_path = tmp_path / "rows.csv"
    inspector.data_requested.emit()
    assert (shown, asked) == (["Data"], [])


def test_the_data_panel_asks_for_a_file(controller, asked, data, shown):
    data.choose_requested.emit()
    assert (shown, asked) == ([], [True])

"""The inspector's request for data shows its table, or asks for a file first."""

from __future__ import annotations

import pytest

from app.shell.controllers.data.columns import ColumnsController
from app.shell.controllers.data.data_request import DataRequestController


@pytest.fixture
def asked(inspector, workspace, data, tabs, display, training, monkeypatch):
    asked = []
    monkeypatch.setattr(training, "open_data_dialog", lambda: asked.append(True))
    columns = ColumnsController(data, tabs, display)
    DataRequestController(inspector, data, workspace, columns, training)
    return asked


def test_without_data_a_file_is_asked_for(asked, inspector, shown):
    inspector.data_requested.emit()
    assert (shown, asked) == (["Data"], [True])


def test_with_data_only_the_table_is_shown(asked, inspector, session, shown, tmp_path):
    session.data_path = tmp_path / "rows.csv"
    inspector.data_requested.emit()
    assert (shown, asked) == (["Data"], [])


def test_the_data_panel_asks_for_a_file(asked, data, shown):
    data.choose_requested.emit()
    assert (shown, asked) == ([], [True])

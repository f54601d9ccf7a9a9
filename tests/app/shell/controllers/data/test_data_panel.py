"""The data panel is shown on request; dropped data starts a network, or is trained on."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.shell.controllers.data.data_panel import DataController
from engine.graph.edits import node_edits


@pytest.fixture
def asked(training, monkeypatch):
    asked = []
    monkeypatch.setattr(training, "open_data_dialog", lambda: asked.append(True))
    return asked


@pytest.fixture
def drops(controller):
    return controller.drops


@pytest.fixture
def started():
    return []


@pytest.fixture
def controller(parts, asked, started):
    return DataController(parts, SimpleNamespace(start_from_data=started.append))


def test_the_table_is_shown_high_enough_for_its_rows(controller, docks, shown, monkeypatch):
    heights = {}
    monkeypatch.setattr(docks.heights, "ensure", heights.__setitem__)
    controller.show_table()
    assert shown == ["Data"]
    assert heights["Data"] > 300


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


def test_an_empty_document_starts_from_dropped_data(
    controller, drops, started, session, shown, tmp_path
):
    drops.handle_paths([tmp_path / "rows.csv"])
    assert started == [tmp_path / "rows.csv"]
    assert session.data_path is None
    assert shown == []


def test_a_network_is_trained_on_dropped_data(controller, drops, started, session, shown, tmp_path):
    session.edit("Add", node_edits.add_node, "Dense")
    drops.handle_paths([tmp_path / "rows.csv"])
    assert (started, shown) == ([], ["Training"])
    assert session.data_path == tmp_path / "rows.csv"


def test_other_data_is_replaced_only_if_the_user_says_so(
    controller, drops, started, session, files, tmp_path
):
    """A table that was dropped by mistake gave four errors, and stayed after a restart."""
    session.edit("Add", node_edits.add_node, "Dense")
    session.data_path, dropped = tmp_path / "old.csv", tmp_path / "rows.csv"
    choices = ("Cancel", "New network from it…", "Use rows.csv")
    for choice, data in zip(
        choices, (tmp_path / "old.csv", tmp_path / "old.csv", dropped), strict=True
    ):
        drops.handle_paths([dropped])
        dialog = files.prompts.active_dialog
        button = next(b for b in dialog.findChildren(QPushButton) if b.text() == choice)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert session.data_path == data
    assert started == [dropped]

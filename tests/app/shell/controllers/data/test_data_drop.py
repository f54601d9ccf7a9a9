"""Dropped data starts a network in an empty document, and is trained on in any other."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.files.documents.file_drops import FileDropFilter
from app.shell.controllers.data.data_drop import DataDropController
from engine.graph.edits import node_edits


@pytest.fixture
def started():
    return []


@pytest.fixture
def drops(parent, files, workspace, training, display, started):
    drops = FileDropFilter(parent, files)
    dialogs = SimpleNamespace(start_from_data=started.append)
    DataDropController(drops, workspace, training, dialogs, display)
    return drops


def test_an_empty_document_starts_from_dropped_data(drops, started, session, shown, tmp_path):
    drops.handle_paths([tmp_path / "rows.csv"])
    assert started == [tmp_path / "rows.csv"]
    assert session.data_path is None
    assert shown == []


def test_a_network_is_trained_on_dropped_data(drops, started, session, shown, tmp_path):
    session.edit("Add", node_edits.add_node, "Dense")
    drops.handle_paths([tmp_path / "rows.csv"])
    assert (started, shown) == ([], ["Training"])
    assert session.data_path == tmp_path / "rows.csv"

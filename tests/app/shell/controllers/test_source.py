"""The source panel exports what it shows, and leads to what keeps it from being written."""

from __future__ import annotations

import pytest

from app.shell.controllers.source import SourceController
from app.source.panel import SourcePanel


@pytest.fixture
def source(qtbot, workspace, theme, files, actions, docks):
    panel = SourcePanel(workspace, theme)
    qtbot.addWidget(panel)
    SourceController(panel, workspace, files, actions, docks)
    return panel


def test_the_document_is_saved_and_source_exported(source, files, actions, session, monkeypatch):
    done = []
    monkeypatch.setattr(files, "save_as", done.append)
    source.export_requested.emit("file")
    assert done == [session]
    export = actions.actions["export-python"]
    export.setEnabled(True)
    export.triggered.connect(lambda: done.append("python"))
    source.export_requested.emit("python")
    assert done == [session, "python"]


def test_problems_are_shown(source, shown):
    source.problems_requested.emit()
    assert shown == ["Problems"]

"""The source panel exports what it shows, and leads to what keeps it from being written."""

from __future__ import annotations

import pytest

from app.shell.controllers.source import SourceController


@pytest.fixture
def source(parts):
    SourceController(parts)
    return parts.panels.source


def test_the_document_is_saved_and_source_exported(source, files, actions, session, monkeypatch):
    done = []
    monkeypatch.setattr(files.saver, "save_as", done.append)
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

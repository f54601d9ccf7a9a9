"""What is still being typed is saved, and an opened file is told."""

from __future__ import annotations

import pytest

from app.documents.session import Session
from app.shell.controllers.documents import DocumentController


@pytest.fixture
def controller(workspace, files, tabs, inspector, training):
    return DocumentController(workspace, files, tabs, inspector, training)


@pytest.fixture
def calls(files, inspector, training, controller, monkeypatch):
    calls = []
    monkeypatch.setattr(inspector, "commit", lambda: calls.append("inspector"))
    monkeypatch.setattr(training, "commit", lambda: calls.append("training"))
    monkeypatch.setattr(files, "save", lambda session: calls.append("save"))
    monkeypatch.setattr(files, "close", lambda session: calls.append("close"))
    return calls


def test_pending_input_is_committed_before_saving_and_closing(controller, calls, tabs, session):
    controller.save()
    assert calls == ["inspector", "training", "save"]
    calls.clear()
    tabs.close_requested.emit(session)
    assert calls == ["inspector", "training", "close"]


def test_an_opened_file_is_told(controller, files, messages, tmp_path):
    files.opened.emit(Session(path=tmp_path / "net.loom.json"))
    assert messages == ["Opened net.loom.json."]


def test_runs_made_before_the_document_had_a_file_move_beside_it(
    controller, files, training, session, monkeypatch
):
    moved = []
    monkeypatch.setattr(
        training.run_relocation, "move_ended_runs",
        lambda session, just_saved: moved.append((session, just_saved)),
    )  # fmt: skip
    files.saved.emit(session)
    assert moved == [(session, True)]

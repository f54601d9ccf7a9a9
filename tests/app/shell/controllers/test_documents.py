"""What is still being typed is saved, and an opened file is told."""

from __future__ import annotations

import pytest

from app.shell.controllers.documents import DocumentController


@pytest.fixture
def controller(parts):
    return DocumentController(parts)


@pytest.fixture
def calls(files, inspector, training, controller, monkeypatch):
    calls = []
    monkeypatch.setattr(inspector, "commit", lambda: calls.append("inspector"))
    monkeypatch.setattr(training, "commit", lambda: calls.append("training"))
    monkeypatch.setattr(files.saver, "save", lambda session: calls.append("save"))
    monkeypatch.setattr(files.close_prompts, "close", lambda session: calls.append("close"))
    return calls


def test_pending_input_is_committed_before_saving_and_closing(controller, calls, tabs, session):
    controller.save()
    assert calls == ["inspector", "training", "save"]
    calls.clear()
    tabs.close_requested.emit(session)
    assert calls == ["inspector", "training", "close"]

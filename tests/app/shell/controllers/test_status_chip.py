"""The chip shows how the document stands, and leads to the panel that explains it."""

from __future__ import annotations

import pytest

from app.documents.session import Session
from app.shell.controllers.data.data_status import DataStatusController
from app.shell.controllers.status_chip import StatusChipController
from app.training.panel import document_status
from app.training.panel.panel import TrainingPanel
from engine.runs.state.run_state import FINAL_STATUSES
from tests.app.training.made import made_run


@pytest.fixture
def controller(parts):
    return StatusChipController(parts, DataStatusController(parts))


def test_a_click_shows_training_for_a_valid_graph(controller, parts, workspace, project, shown):
    chip = parts.tool_bar.chip
    workspace.open(Session(project))
    assert chip.text() == "Valid, not trained"
    chip.click()
    assert shown == ["Training"]


@pytest.mark.parametrize("status", FINAL_STATUSES)
def test_a_run_that_has_ended_is_read_once(
    controller, workspace, project, tmp_path, monkeypatch, status
):
    """A crashed run was read from its folder at every change of the document."""
    read = []
    monkeypatch.setattr(
        document_status, "run_status", lambda run: (read.append(run) or status, None)
    )
    last = made_run(tmp_path / "run-001", project, "run", []).path
    monkeypatch.setattr(TrainingPanel, "last_run", last)
    workspace.open(Session(project))
    read.clear()
    for _ in range(3):
        workspace.report_changed.emit()
    assert not read

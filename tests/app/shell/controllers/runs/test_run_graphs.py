"""The graph of a run is opened as a document, with frames around what has changed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.shell.controllers.runs.run_graphs import RunGraphsController
from app.shell.controllers.runs.runs_folder import RunsFolderController
from tests.app.training.made import made_run


@pytest.fixture
def controller(parts):
    return RunGraphsController(parts, RunsFolderController(parts))


def test_a_damaged_run_is_told_and_nothing_is_opened(
    controller, runs, workspace, messages, project, monkeypatch, tmp_path
):
    run = made_run(tmp_path / "runs" / "net-001", project, "net")
    next(run.path.glob("*.loom.json")).write_text("{")
    monkeypatch.setattr(type(runs), "selected", [SimpleNamespace(folder=run, name="net-001")])
    controller.open_graph()
    assert len(workspace.sessions) == 1
    assert messages[0].startswith("net-001 can't be opened: ")

"""The runs panel lists the folder of the active document."""

from __future__ import annotations

import pytest

from app.documents.session import Session
from app.shell.controllers.runs.runs_folder import RunsFolderController


@pytest.fixture
def controller(parts):
    return RunsFolderController(parts)


def test_the_runs_beside_the_active_document_are_listed(controller, runs, workspace, tmp_path):
    for name in ("one", "two"):
        workspace.open(Session(path=tmp_path / name / "net.loom.json"))
        assert runs.folder == tmp_path / name / "runs"
    workspace.activate(workspace.sessions[1])
    assert runs.folder == tmp_path / "one" / "runs"


def test_a_document_made_from_a_run_keeps_the_folder_of_the_run(
    controller, runs, workspace, tmp_path
):
    workspace.open(Session(path=tmp_path / "one" / "net.loom.json"))
    controller.open_document(Session(title="one-001"))
    assert workspace.session.title == "one-001"
    assert runs.folder == tmp_path / "one" / "runs"


def test_of_a_chosen_run_its_whole_folder_is_listed(controller, runs, tmp_path):
    run = tmp_path / "copied" / "net-001"
    run.mkdir(parents=True)
    (run / "run.json").write_text("{}")
    controller._on_folder_chosen(run)
    assert runs.folder == tmp_path / "copied"

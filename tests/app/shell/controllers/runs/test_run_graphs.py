"""The graph of a run is opened as a document, with frames around what has changed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.shell.controllers.runs.run_graphs import RunGraphsController
from app.shell.controllers.runs.runs_folder import RunsFolderController
from engine.graph.edits import node_edits
from engine.runs.comparison.run_comparison import NodeChange
from tests.app.training.made import made_run


@pytest.fixture
def controller(runs, workspace, display, tabs, parent):
    folders = RunsFolderController(runs, workspace, display, parent)
    return RunGraphsController(runs, folders, tabs, workspace)


def test_the_graph_of_the_selected_run_is_opened(
    controller, runs, workspace, project, monkeypatch, tmp_path
):
    run = made_run(tmp_path / "runs" / "net-001", project, "net")
    monkeypatch.setattr(type(runs), "selected", [SimpleNamespace(folder=run, name="net-001")])
    controller.open_graph()
    assert workspace.session.title == "net-001"
    assert workspace.session.path is None
    assert workspace.session.project == project


def test_a_damaged_run_is_told_and_nothing_is_opened(
    controller, runs, workspace, messages, project, monkeypatch, tmp_path
):
    run = made_run(tmp_path / "runs" / "net-001", project, "net")
    next(run.path.glob("*.loom.json")).write_text("{")
    monkeypatch.setattr(type(runs), "selected", [SimpleNamespace(folder=run, name="net-001")])
    controller.open_graph()
    assert len(workspace.sessions) == 1
    assert messages[0].startswith("net-001 can't be opened: ")


def test_added_nodes_are_framed_and_selected(controller, workspace, messages, project, tmp_path):
    before = made_run(tmp_path / "runs" / "net-001", project, "net")
    later = node_edits.add_node(project, "Dropout", "drop")
    after = made_run(tmp_path / "runs" / "net-002", later, "net")
    change = NodeChange("drop", "added")
    controller.show_on_canvas(SimpleNamespace(before=before, after=after, nodes=(change,)))
    session = workspace.session
    assert session.title == "net-002 vs net-001"
    assert session.selection == ("drop",)
    assert session.project.view["frames"][0]["nodes"] == ["drop"]
    assert messages == ["Since net-001: added drop."]

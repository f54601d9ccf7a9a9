"""A run with weights is offered beside the graph; without weights nothing is asked."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.shell.exports.pytorch_export import PyTorchExport
from tests.app.training.made import made_run


@pytest.fixture
def exported():
    return []


@pytest.fixture
def prompts():
    asked = []
    return SimpleNamespace(asked=asked, ask=lambda *words, **_: asked.append(words))


@pytest.fixture
def controller(results, workspace, prompts, export_prompt, parent, exported):
    graph_export = SimpleNamespace(export_pytorch=lambda: exported.append("graph"))
    return PyTorchExport(results, graph_export, workspace, prompts, export_prompt, parent)


def test_without_weights_the_graph_is_exported(
    controller, results, prompts, exported, project, tmp_path
):
    controller.export_pytorch()
    results.set_run(made_run(tmp_path / "runs" / "net-001", project, "net").path)
    controller.export_pytorch()
    assert exported == ["graph", "graph"]
    assert prompts.asked == []


def test_with_weights_it_is_asked_what_is_exported(
    controller, results, prompts, exported, project, tmp_path
):
    run = made_run(tmp_path / "runs" / "net-001", project, "net")
    run.weights_path.write_bytes(b"weights")
    results.set_run(run.path)
    controller.export_pytorch()
    ((title, text, _with_weights, untrained, _cancel),) = prompts.asked
    assert title == "With the weights of net-001?"
    assert "another version" in text, "the document is empty"
    assert exported == []
    untrained.callback()
    assert exported == ["graph"]

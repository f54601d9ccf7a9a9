"""A training run is seen in "Train" and "Pause", and by its losses on its own canvas."""

from __future__ import annotations

import pytest

from app.documents.session import Session
from app.shell.bars import ToolBar
from app.shell.controllers.training import TrainingController


@pytest.fixture
def tool_bar(qtbot, actions, theme):
    bar = ToolBar(actions, theme)
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def controller(training, workspace, tabs, actions, tool_bar):
    return TrainingController(training, workspace, tabs, actions, tool_bar)


def test_losses_are_shown_on_the_document_that_is_trained(
    controller, training, workspace, tabs, project
):
    def loss(session):
        return tabs.canvas_of(session).scene_sync.nodes[output].view_model.live_loss

    trained, other = Session(project), Session(project)
    workspace.open(trained)
    workspace.open(other)
    output = next(node.name for node in project.graph if node.kind == "Output")
    training.run_presenter.show_new_run(trained)
    training.losses_changed.emit({output: "0.412"})
    assert (loss(trained), loss(other)) == ("0.412", "")
    training.running_changed.emit(False)
    assert loss(trained) == ""

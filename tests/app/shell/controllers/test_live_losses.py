"""The losses of a training are shown on its own canvas, until it ends."""

from __future__ import annotations

import pytest

from app.documents.session import Session
from app.shell.controllers.live_losses import LiveLossesController


@pytest.fixture
def controller(training, workspace, tabs):
    return LiveLossesController(training, workspace, tabs)


def loss(tabs, session, name):
    return tabs.canvas_of(session).scene_sync.nodes[name].view_model.live_loss


def test_losses_are_shown_on_the_document_that_is_trained(
    controller, training, workspace, tabs, project
):
    trained, other = Session(project), Session(project)
    workspace.open(trained)
    workspace.open(other)
    output = next(node.name for node in project.graph if node.kind == "Output")
    training.run_presenter.show_new_run(trained)
    training.losses_changed.emit({output: "0.412"})
    assert (loss(tabs, trained, output), loss(tabs, other, output)) == ("0.412", "")
    training.running_changed.emit(False)
    assert loss(tabs, trained, output) == ""

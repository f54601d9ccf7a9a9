"""A training run is seen in "Train" and "Pause", and by its losses on its own canvas."""

from __future__ import annotations

from app.documents.session import Session
from app.shell.controllers.training import TrainingController


def test_losses_are_shown_on_the_document_that_is_trained(
    parts, training, workspace, tabs, project
):
    TrainingController(parts)

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

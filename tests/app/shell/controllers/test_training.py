"""A training run is seen in "Train" and "Pause", and by its losses on its own canvas."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QToolButton

from app.documents.session import Session
from app.shell.bars import ToolBar
from app.shell.controllers.training import TrainingController
from engine.graph.edits import node_edits, wire_edits


@pytest.fixture
def tool_bar(qtbot, actions, theme):
    bar = ToolBar(actions, theme)
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def controller(training, workspace, tabs, actions, tool_bar):
    return TrainingController(training, workspace, tabs, actions, tool_bar)


def test_pause_continues_a_paused_run(controller, training, actions):
    assert actions.actions["pause"].text() == "Pause"
    training.run_presenter.show_state("paused", "Paused")
    assert actions.actions["pause"].text() == "Continue"
    training.run_presenter.show_state("running", "")
    assert actions.actions["pause"].text() == "Pause"


def test_train_tells_why_it_is_not_possible(controller, training, actions, tool_bar, session):
    train = actions.actions["train"]
    button = tool_bar.widgetForAction(train)
    assert isinstance(button, QToolButton)
    assert training.disabled_reason() in train.toolTip()
    assert not button.isEnabled()
    session.edit("Add", node_edits.add_node, "Input", "x", params={"shape": [2]})
    session.edit("Add", node_edits.add_node, "Output", "y", params={"loss": "mse"})
    session.edit("Connect", wire_edits.connect, "x", "y", "x")
    session.current_report()
    assert training.readiness.needs_data()
    assert button.isEnabled(), "a click asks for data"


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

"""The welcome page stays until there is a graph."""

from __future__ import annotations

import pytest

from app.files.start.welcome_page import WelcomePage
from app.shell.controllers.welcome import WelcomeController
from engine.graph.edits import node_edits


@pytest.fixture
def controller(parts):
    return WelcomeController(parts)


@pytest.fixture
def page(controller, tabs, qtbot):
    with qtbot.waitSignal(controller.shown):
        controller.show()
    assert tabs.stack.isHidden()
    return tabs.findChild(WelcomePage)


def test_the_page_is_hidden_once_something_is_drawn(page, tabs, workspace, session):
    workspace.project_changed.emit()
    assert tabs.stack.isHidden(), "the graph is still empty"
    session.edit("Add", node_edits.add_node, "Dense")
    assert not tabs.stack.isHidden()


def test_a_start_from_data_triggers_the_action(page, actions, tabs, qtbot):
    with qtbot.waitSignal(actions.actions["start-from-data"].triggered):
        page.data_requested.emit()
    assert tabs.stack.isHidden(), "the dialog may be cancelled"

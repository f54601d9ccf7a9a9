"""Problems are counted in the title of their panel, which the status bar opens."""

from __future__ import annotations

import pytest

from app.shell.controllers.data.data_status import DataStatusController
from app.shell.controllers.problems import ProblemsController
from engine.graph.edits import node_edits


@pytest.fixture
def controller(parts, counts):
    return ProblemsController(parts, DataStatusController(parts))


@pytest.mark.slow
def test_errors_and_warnings_are_counted_in_the_title(controller, session, counts):
    assert counts == {"Problems": 0}
    session.edit("Add", node_edits.add_node, "Dense")
    session.current_report()
    assert counts == {"Problems": len(session.diagnostics)}
    assert counts["Problems"] > 0


def test_the_button_of_the_status_bar_shows_the_panel(controller, status_bar, shown):
    status_bar.problems_button.click()
    assert shown == ["Problems"]

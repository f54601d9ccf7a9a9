"""The results panel shows the selected run, else the one whose curves are shown."""

from __future__ import annotations

import pytest

from app.shell.controllers.results.results_run import ResultsRunController
from tests.app.training.made import made_run


@pytest.fixture
def controller(parts):
    return ResultsRunController(parts)


@pytest.fixture
def made(tmp_path, project):
    return [made_run(tmp_path / "runs" / f"net-00{n}", project, "net").path for n in (1, 2)]


def test_a_run_without_evaluation_is_read_again_when_the_panel_is_shown(
    controller, results, training, session, made, docks, qtbot, monkeypatch
):
    training.attach(session, made[0])
    qtbot.waitUntil(lambda: results.run == made[0])
    read = []
    monkeypatch.setattr(results, "set_run", read.append)
    docks.visibility_changed.emit("Runs", True)
    docks.visibility_changed.emit("Results", False)
    assert read == []
    docks.visibility_changed.emit("Results", True)
    assert read == [made[0]]

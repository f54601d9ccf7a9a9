"""A listed run is shown with its curves, repeated, or trained from."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.shell.controllers.runs.run_curves import RunCurvesController
from tests.app.training.made import made_run


@pytest.fixture
def controller(runs, training, workspace, display):
    return RunCurvesController(runs, training, workspace, display)


def test_the_curves_of_a_run_are_shown(controller, runs, training, project, shown, tmp_path):
    run = made_run(tmp_path / "runs" / "net-001", project, "net").path
    runs.show_requested.emit(run)
    assert shown == ["Training"]
    assert training.displayed_run.run == run


def test_the_selected_run_is_repeated_and_started_from(
    controller, runs, training, shown, monkeypatch, tmp_path
):
    entry = SimpleNamespace(folder=SimpleNamespace(path=tmp_path / "net-001"))
    monkeypatch.setattr(type(runs), "selected", [entry])
    called = []
    monkeypatch.setattr(training, "repeat", called.append)
    monkeypatch.setattr(training, "train", lambda warm_start_run: called.append(warm_start_run))
    controller.repeat_run()
    controller.warm_start()
    assert called == [tmp_path / "net-001"] * 2
    assert shown == ["Training"] * 2

"""What a run tells TensorBoard is what its events say, read back with TensorBoard's own reader."""

from __future__ import annotations

import importlib.util

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.events import EpochDone, StepsDone
from engine.runs.request import TrainRequest
from engine.runs.state.run_state import read_state
from engine.runtime.run.runner import train
from tests.engine.runtime.small import line, ordered, run, straight
from tests.engine.runtime.training.test_control import asks, rows, talk, two


@pytest.fixture(autouse=True)
def _each_step(monkeypatch):
    monkeypatch.setattr("engine.runtime.training.control.POLL_SECONDS", 0.0)
    monkeypatch.setattr("engine.runtime.run.run_recorder.MAX_LINES_PER_SECOND", 1e9)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def scalars(folder):
    """Return what TensorBoard shows of a folder: by tag, (step, value)."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    reader = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    reader.Reload()
    return {
        tag: [(one.step, one.value) for one in reader.Scalars(tag)]
        for tag in reader.Tags()["scalars"]
    }


def shown(curve):
    return [(step, pytest.approx(value, rel=1e-6)) for step, value in curve]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_shows_what_the_events_say(tmp_path):
    folder, _ = talk(
        ordered(tmp_path, two(validation_split=0.25), rows(), tensorboard=True),
        {5: asks("learning_rate", 0.2)},
    )
    state = read_state(folder.path)
    steps = scalars(folder.path / "tensorboard/steps")
    assert steps.keys() == {"loss", "y/loss", "z/loss", "learning_rate", "grad_norm"}
    for name, points in steps.items():
        assert points == shown(state.steps[name]), name
    for side, curves in (("train", state.train), ("validation", state.validation)):
        told = scalars(folder.path / "tensorboard" / side)
        assert told.keys() == curves.keys()
        for name, points in told.items():
            assert points == shown(curves[name]), name


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_resumed_run_leaves_no_step_twice(tmp_path):
    order = ordered(tmp_path, two(), rows(), tensorboard=True)
    folder, _ = talk(order, {}, kill_after=9)
    talk(TrainRequest(None, None, run=folder.path, resume=True), {})
    state = read_state(folder.path)
    told = scalars(folder.path / "tensorboard/steps")
    assert told["loss"] == shown(state.steps["loss"])
    assert scalars(folder.path / "tensorboard/train")["loss"] == shown(state.train["loss"])


def test_without_being_asked_nothing_is_written_for_it(tmp_path):
    folder, events = run(ordered(tmp_path, straight(epochs=1), line()))
    assert not (folder.path / "tensorboard").exists()
    assert any(isinstance(event, EpochDone) for event in events)
    assert any(isinstance(event, StepsDone) for event in events)


def test_a_missing_package_is_told_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.runtime.run.tensorboard.PACKAGE", "no_such_package")
    assert importlib.util.find_spec("no_such_package") is None
    order = ordered(tmp_path, straight(epochs=1), line(), tensorboard=True)
    with pytest.raises(DiagnosticError) as caught:
        list(train(order))
    assert caught.value.diagnostics[0].code == "extra-missing"
    assert not (tmp_path / "runs").exists()

"""A run listens while it scores its validation rows, and stays exact through what it hears."""

from __future__ import annotations

import pytest

from engine.events import (
    CheckpointSaved,
    ControlTaken,
    EpochDone,
    Event,
    Heartbeat,
    RunFinished,
    RunResumed,
    RunStopped,
)
from engine.runs.control.requests import append_request
from engine.runs.folder.run_folder import RunFolder
from engine.runs.request import TrainRequest
from engine.runtime.run.runner import train
from tests.engine.runtime.small import line, node, ordered, project, steps

ALL = ("loss", "y", "z", "learning_rate")


@pytest.fixture(autouse=True)
def _at_every_batch(monkeypatch):
    """Look for requests after every batch, and give a sign of life after each that is scored."""
    monkeypatch.setattr("engine.runtime.training.control.POLL_SECONDS", 0.0)
    monkeypatch.setattr("engine.runtime.training.control.HEARTBEAT_SECONDS", 0.0)
    monkeypatch.setattr("engine.runtime.training.loop.HEARTBEAT_SECONDS", 0.0)
    monkeypatch.setattr("engine.runtime.run.run_recorder.MAX_LINES_PER_SECOND", 1e9)


@pytest.fixture
def order(tmp_path) -> TrainRequest:
    """6 steps an epoch, then 6 batches to score."""
    arrays = line(96)
    given = project(
        node("x", "Input", shape=[3]),
        node("drop", "Dropout", "x", rate=0.2),
        node("d", "Dense", "drop", units=1),
        node("y", "Output", "d", loss="mse", metrics=["mae"]),
        node("z", "Output", "d", loss="mae", loss_weight=0.5),
        epochs=3, batch_size=8, seed=4, validation_split=0.5,
    )  # fmt: skip
    return ordered(tmp_path, given, {**arrays, "z": arrays["y"] * 2})


def talk(order: TrainRequest, *asks, answers=(), end_at=None) -> tuple[RunFolder, list[Event]]:
    """Train; ask something within the first validation, more at each answer; maybe leave then."""
    events: list[Event] = []
    first, more = list(asks), list(answers)
    going = train(order)
    for run, event in going:
        events.append(event)
        if first and isinstance(event, Heartbeat) and event.phase == "validating":
            for kind, value in first:
                append_request(run.path, kind, value)
            first = []
        if more and isinstance(event, Heartbeat) and event.phase == "paused":
            append_request(run.path, *more.pop(0))
        if end_at is not None and isinstance(event, end_at) and not first:
            going.close()
            break
    return run, events


def told(events, kind):
    return [event for event in events if isinstance(event, kind)]


def epochs(events):
    """What each epoch came to, without its time."""
    return [(e.epoch, e.step, e.train, e.validation) for e in told(events, EpochDone)]


def exact(events):
    return {what: [value.hex() for value in steps(events, what)] for what in ALL}


def test_a_pause_is_taken_before_the_epoch_is_judged_and_changes_nothing(order):
    _, expected = talk(order)
    _, events = talk(order, ("pause", None), answers=[("continue",)])
    taken = told(events, ControlTaken)
    assert [(each.request, each.step) for each in taken] == [("pause", 6), ("continue", 6)]
    assert events.index(taken[1]) < events.index(told(events, EpochDone)[0])
    assert told(events, Heartbeat)[1].phase == "paused", "it waits at once"
    assert isinstance(events[-1], RunFinished)
    assert epochs(events) == epochs(expected)
    assert exact(events) == exact(expected)


def test_a_stop_leaves_the_validation_and_a_resume_does_it_anew(order):
    _, expected = talk(order)
    run, first = talk(order, ("stop", None))
    assert isinstance(first[-1], RunStopped)
    assert (first[-1].step, epochs(first)) == (6, [])
    _, rest = talk(TrainRequest(None, None, run=run.path, resume=True))
    assert epochs(rest) == epochs(expected)
    assert exact([*first, *rest]) == exact(expected)


def test_a_checkpoint_within_a_validation_knows_the_epoch_that_is_judged(order):
    _, expected = talk(order)
    run, first = talk(order, ("checkpoint", None), end_at=CheckpointSaved)
    assert told(first, CheckpointSaved)[0].step == 6
    _, rest = talk(TrainRequest(None, None, run=run.path, resume=True))
    assert told(rest, RunResumed)[0].to_step == 6
    assert epochs(rest) == epochs(expected)


@pytest.mark.parametrize("ask", [("loss_weight", {"z": 4.0}), ("learning_rate", 0.5)])
def test_a_change_counts_for_all_rows_so_that_a_resume_comes_to_the_same_scores(order, ask):
    run, first = talk(order, ask, end_at=EpochDone)
    assert told(first, ControlTaken)[0].step == 6
    _, rest = talk(TrainRequest(None, None, run=run.path, resume=True))
    assert told(rest, RunResumed)[0].to_step == 0, "nothing was saved, so it is done again"
    assert epochs(rest)[:1] == epochs(first)
    (done,) = told(first, EpochDone)
    weight = ask[1]["z"] if ask[0] == "loss_weight" else 0.5
    held = done.validation
    assert held["loss"] == pytest.approx(held["y/loss"] + weight * held["z/loss"])

"""A long run opens at once, and is what its events say whatever became of the file beside them."""

from __future__ import annotations

import json
import math

import pytest

from engine.events import ControlTaken, EpochDone, OutputInfo, RunFinished, RunResumed, RunStarted
from engine.events import StepsDone as Steps
from engine.runs.folder.run_folder import CURVES_FILE, RunFolder, lock_run_folder
from engine.runs.log.event_log import EventWriter
from engine.runs.state import run_cache
from engine.runs.state.run_cache import open_run
from engine.runs.state.run_state import read_state

START = RunStarted(
    run_id="r", epochs=9, steps_per_epoch=50, outputs=(OutputInfo(name="y", loss="mse"),)
)


@pytest.fixture(autouse=True)
def _always_worth_it(monkeypatch):
    monkeypatch.setattr(run_cache, "MIN_NEW_STEPS", 1)


def write(path, *events):
    with EventWriter(path) as writer:
        for event in events:
            writer.write(event)


def steps(first, last, value=0.5):
    values = tuple(value + step for step in range(first, last + 1))
    return Steps(first=first, last=last, loss=values, losses={"y": values}, grad_norm=values)


def epoch(number):
    return EpochDone(epoch=number, step=50 * number, train={"loss": math.nan},
                     validation={"loss": 1.0 / number})  # fmt: skip


@pytest.fixture
def run(tmp_path):
    path = tmp_path / "a"
    with lock_run_folder(path):
        RunFolder.create(path, {}, b"{}")
    write(path, START, steps(1, 50), epoch(1), steps(51, 80),
          ControlTaken(id="a", request="loss_weight", step=60, value={"y": 2.0}))  # fmt: skip
    return path


def curves(state):
    every = {**state.steps, **{f"t/{n}": c for n, c in state.train.items()},
             **{f"v/{n}": c for n, c in state.validation.items()}}  # fmt: skip
    return {name: [(at, value.hex()) for at, value in curve] for name, curve in every.items()}


def same(one, other):
    assert curves(one) == curves(other)
    for name in (
        "started",
        "step",
        "epoch",
        "best",
        "ended",
        "responses",
        "weights",
        "seq",
        "paused",
    ):
        assert getattr(one, name) == getattr(other, name), name
    assert curves(one.__class__(steps=one.shares)) == curves(one.__class__(steps=other.shares))


def test_a_run_opens_as_its_events_fold_with_the_file_and_without(run):
    expected = read_state(run)
    same(open_run(run).state, expected)
    assert (run / CURVES_FILE).exists()
    again = open_run(run)
    same(again.state, expected)
    assert again.reader.read_new() == []


def test_the_file_is_really_used(run, monkeypatch):
    open_run(run)
    read = []
    real = run_cache.EventReader

    class Watched(real):
        def __init__(self, folder, offset=0, include_steps=True):
            read.append((offset, include_steps))
            super().__init__(folder, offset, include_steps)

    monkeypatch.setattr(run_cache, "EventReader", Watched)
    open_run(run)
    assert read == [(0, False), ((run / "events.jsonl").stat().st_size, True)]


@pytest.mark.parametrize(
    "more",
    [
        (steps(81, 100), epoch(2)),
        (RunResumed(to_step=50, to_epoch=1), START, steps(51, 100, 7.0), epoch(2)),
        (RunResumed(to_step=0, to_epoch=0), START, steps(1, 3, 7.0)),
        (RunFinished(step=80),),
    ],
)
def test_what_came_after_the_file_counts(run, more):
    open_run(run)
    write(run, *more)
    same(open_run(run, write_cache=False).state, read_state(run))
    same(open_run(run).state, read_state(run))


@pytest.mark.parametrize("harm", ["cut", "empty", "odd", "another", "newer", "counts", "long"])
def test_a_file_that_does_not_fit_is_passed_over(run, harm):
    open_run(run)
    data = (run / CURVES_FILE).read_bytes()
    line, _, body = data.partition(b"\n")
    head = json.loads(line)
    if harm == "newer":
        head["version"] += 1
    if harm == "counts":
        head["curves"]["loss"][0][1] = -3
    if harm == "another":
        head["ending"] = "0" * 64
    if harm == "long":
        head["at"] += 10_000
    changed = json.dumps(head).encode() + b"\n" + body
    (run / CURVES_FILE).write_bytes(
        {"cut": data[:-8], "empty": b"", "odd": b"[1]\n"}.get(harm, changed)
    )
    same(open_run(run, write_cache=False).state, read_state(run))


def test_events_that_were_replaced_are_read_anew(run):
    open_run(run)
    (run / "events.jsonl").unlink()
    write(run, START, steps(1, 9, 3.0))
    same(open_run(run).state, read_state(run))


def test_a_torn_last_line_waits(run):
    with (run / "events.jsonl").open("ab") as file:
        file.write(b'{"kind":"steps-done","from":81')
    same(open_run(run).state, read_state(run))
    write(run, steps(81, 90))
    same(open_run(run).state, read_state(run))


def test_a_run_that_has_said_nothing_opens_too(tmp_path):
    assert open_run(tmp_path).state.step == 0
    assert not (tmp_path / CURVES_FILE).exists()

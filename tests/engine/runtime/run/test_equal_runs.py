"""Equal runs are equal to the last bit, also if they were stopped; what a resume refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.events import (
    RunFinished,
    RunResumed,
    RunStopped,
    Warned,
)
from engine.graph.serialization.file import dumps, parse
from engine.runs.log.event_log import read_events
from engine.runs.request import TrainRequest
from engine.runtime.checkpoints.checkpoint import CheckpointStore
from engine.runtime.environment import cpu_capability, environment_warnings, package_versions
from tests.engine.runtime.run.recorded import exact, losses, model, refused, same_model, whole
from tests.engine.runtime.small import line, node, ordered, project, run, steps, straight
from tests.reliability.subjects import rows
from tests.tiers import grid


@pytest.mark.slow
def test_two_equal_runs_say_the_same_to_the_last_bit(tmp_path):
    order = ordered(tmp_path, whole(), rows())
    (one, first), (two, second) = run(order), run(order)
    same = ("versions", "threads", "seed", "split", "hashes", "cpu", "precision", "device")
    assert [one.record[key] for key in same] == [two.record[key] for key in same]
    assert one.run_id != two.run_id
    assert losses(first) == losses(second)
    assert exact(first) == exact(second)
    assert one.weights_path.read_bytes() == two.weights_path.read_bytes()


def test_another_seed_is_another_run(tmp_path):
    order = ordered(tmp_path, straight(epochs=1), line())
    (_, first), (_, second) = run(order), run(replace(order, settings=("seed=2",)))
    assert steps(first) != steps(second)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stop_after", "end"), grid([(8, 10), (2, 3), (14, 14), (27, 27), (7, 7)], 2)
)
def test_a_run_stopped_anywhere_goes_on_to_the_very_same_end(tmp_path, stop_after, end):
    """7 steps an epoch, 3 a group: inside a group, at the end of one, of an epoch, near the end."""
    order = ordered(tmp_path, whole(), rows())
    through, expected = run(order)
    assert expected[0].steps_per_epoch == 7
    stopped, first = run(order, stop_after)
    assert isinstance(first[-1], RunStopped)
    assert first[-1].step == end
    assert stopped.status()["state"] == "stopped"
    assert not stopped.weights_path.exists()
    resumed, rest = run(TrainRequest(None, None, run=stopped.path, resume=True))
    assert isinstance(rest[0], RunResumed)
    assert rest[0].to_step == end
    assert {event.attempt for event in rest} == {2}
    told = losses(expected)
    assert {name: values + losses(rest)[name] for name, values in losses(first).items()} == told
    assert exact(first) + exact(rest) == exact(expected)
    same_model(through, resumed)
    kept = list(read_events(resumed.path))
    assert [event.seq for event in kept] == list(range(1, len(kept) + 1))


@pytest.mark.slow
def test_a_run_may_stop_again_and_again(tmp_path):
    order = ordered(tmp_path, whole(), rows())
    through, expected = run(order)
    folder, events = run(order, 5)
    while not isinstance(events[-1], RunFinished):
        _, more = run(TrainRequest(None, None, run=folder.path, resume=True), 5)
        events += more
    assert losses(events) == losses(expected)
    same_model(through, folder)


def test_a_finished_run_is_resumed_without_a_step(tmp_path):
    folder, _ = run(ordered(tmp_path, straight(epochs=2), line()))
    before = model(folder)
    _, events = run(TrainRequest(None, None, run=folder.path, resume=True))
    assert not steps(events)
    assert isinstance(events[-1], RunFinished)
    assert all(np.array_equal(before[name], array) for name, array in model(folder).items())


def test_a_run_that_its_stopping_rule_ended_is_not_trained_on(tmp_path):
    still = {"kind": "SGD", "params": {"learning_rate": 1e-12}}
    given = straight(
        epochs=50, optimizer=still, stopping={"patience": 2, "restore_best": False},
        checkpoint_every={"epochs": None},
    )  # fmt: skip
    folder, events = run(ordered(tmp_path, given, line()))
    assert events[-1].epoch == 3
    assert CheckpointStore(folder.checkpoints_path).load().checkpoint.step == events[-1].step
    _, rest = run(TrainRequest(None, None, run=folder.path, resume=True))
    assert not steps(rest)
    assert rest[-1].reason == events[-1].reason


def test_a_run_that_goes_on_elsewhere_says_that_digits_may_differ(tmp_path):
    folder, _ = run(ordered(tmp_path, straight(epochs=2, batch_size=8), line()), 3)
    described = json.loads((folder.path / "run.json").read_bytes())
    described["versions"]["torch"] = "2.6.0"
    (folder.path / "run.json").write_text(json.dumps(described))
    _, events = run(TrainRequest(None, None, run=folder.path, resume=True))
    (found,) = [e.diagnostic for e in events if isinstance(e, Warned)]
    assert found["code"] == "not-bit-identical"
    assert found["expected"] == "torch 2.6.0"


def test_a_run_that_other_processes_resume_says_what_differs():
    record = {"versions": package_versions(), "cpu": cpu_capability(), "device": "cpu"}

    def codes(**then):
        found = environment_warnings({**record, **then}, torch.device("cpu"), processes=3)
        return [(diagnostic.code, diagnostic.severity) for diagnostic in found]

    assert codes(processes=3, stream=True) == []
    assert codes(processes=2) == [("not-bit-identical", "warning")]
    assert codes(processes=2, stream=True)[1:] == [("data-streamed", "warning")]


@pytest.fixture
def stopped(tmp_path):
    order = ordered(tmp_path, straight(epochs=3, batch_size=8), line())
    folder, _ = run(order, 6)
    return replace(order, run=folder.path, resume=True)


def test_a_resume_refuses_another_graph_and_says_what_differs(stopped):
    stopped.graph.write_text(dumps(straight(epochs=3, batch_size=8, units=1, loss="mae")))
    (found,) = refused(stopped)
    assert (found.code, found.found) == ("run-differs", 'y.params.loss: "mae", was "mse"')
    stopped.graph.write_text(dumps(straight(epochs=9, batch_size=8)))
    (found,) = refused(stopped)
    assert (found.code, found.found) == ("run-differs", "recipe.epochs: 9, was 3")


def test_a_resume_refuses_other_data_and_leaves_the_run_as_it_is(stopped):
    before = (stopped.run / "events.jsonl").read_bytes()
    np.savez(stopped.data, **line(seed=8))
    (found,) = refused(stopped)
    assert found.code == "run-differs"
    assert "data" in found.message
    assert (stopped.run / "events.jsonl").read_bytes() == before
    np.savez(stopped.data, **line())
    assert isinstance(run(stopped)[1][-1], RunFinished)


def test_a_resume_takes_a_file_in_which_nodes_were_only_moved(stopped):
    given = parse(stopped.graph.read_bytes()).project
    moved = replace(given, view={"nodes": {"x": {"at": [7, 7]}}})
    stopped.graph.write_text(dumps(moved))
    assert isinstance(run(stopped)[1][-1], RunFinished)


def test_a_resume_takes_the_file_that_settings_were_given_for(tmp_path):
    order = ordered(tmp_path, straight(batch_size=8), line(), settings=("epochs=2",))
    folder, _ = run(order, 2)
    again = replace(order, run=folder.path, resume=True, settings=())
    assert isinstance(run(again)[1][-1], RunFinished)


def test_a_resume_refuses_checkpoints_of_another_network(stopped):
    given = project(
        node("x", "Input", shape=[3]),
        node("e", "Dense", "x", units=1),
        node("y", "Output", "e", loss="mse", metrics=["mae"]),
        epochs=3,
    )
    (stopped.run / "graph.loom.json").write_text(dumps(given))
    (found,) = refused(replace(stopped, graph=None))
    assert (found.code, found.found) == ("checkpoint-unfit", "no e/bias")


def test_a_resume_needs_a_run(tmp_path):
    order = ordered(tmp_path, straight(), line())
    (found,) = refused(replace(order, resume=True))
    assert found.code == "run-missing"
    (found,) = refused(replace(order, resume=True, run=tmp_path / "nowhere"))
    assert found.code == "run-missing"
    assert not (tmp_path / "nowhere").exists()

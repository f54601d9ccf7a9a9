"""A run repeats another one to the last bit, or begins with its weights, and says which."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.events import RunFinished, Warned
from engine.graph.serialization.file import dumps
from engine.runs.control.requests import append_request
from engine.runs.request import TrainRequest
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.run.runner import train
from tests.engine.runtime.small import line, node, ordered, project, run, steps, straight
from tests.engine.runtime.training.test_control import ALL, asks, exact, rows, taken, talk, two


@pytest.fixture(autouse=True)
def _at_every_step(monkeypatch):
    monkeypatch.setattr("engine.runtime.training.control.POLL_SECONDS", 0.0)
    monkeypatch.setattr("engine.runtime.run.run_recorder.MAX_LINES_PER_SECOND", 1e9)


def again(path, **order):
    return TrainRequest(None, None, repeat=path, **order)


def refused(order):
    with pytest.raises(DiagnosticError) as caught:
        list(train(order))
    return caught.value.diagnostics[0]


def weights(path):
    return TrainedModel.open(path).network.get_weights()


def test_a_run_again_is_equal_with_all_that_was_changed_by_hand(tmp_path):
    order = ordered(tmp_path, two(epochs=2), rows(), settings=("epochs=3",))
    asked = {3: asks("learning_rate", 0.3), 8: asks("loss_weight", {"z": 2}), 9: asks("checkpoint")}
    first, events = talk(order, asked)
    second, repeated = talk(again(first.path), {})
    assert (first.path.name, second.path.name) == ("small-001", "small-002")
    assert exact(repeated, *ALL) == exact(events, *ALL)
    assert [(e.request, e.step) for e in taken(repeated)] == [
        ("learning_rate", 3), ("loss_weight", 8),
    ]  # fmt: skip
    assert second.record["again"]["run_id"] == first.run_id
    assert second.record["hashes"] == first.record["hashes"]
    assert second.run_id != first.run_id
    mine, theirs = weights(first.path), weights(second.path)
    assert all(np.array_equal(mine[name], theirs[name]) for name in mine)
    _, third = talk(again(second.path), {})
    assert exact(third, *ALL) == exact(events, *ALL)


def test_a_run_again_that_is_killed_goes_on_as_equal(tmp_path):
    order = ordered(tmp_path, two(), rows())
    first, events = talk(order, {9: asks("learning_rate", 0.3)})
    second, begun = talk(again(first.path), {}, kill_after=7)
    _, rest = talk(TrainRequest(None, None, run=second.path, resume=True), {})
    at = len(steps(events)) - len(steps(rest))
    assert exact(events, "loss")["loss"] == steps_hex(begun)[:at] + steps_hex(rest)


def steps_hex(events):
    return exact(events, "loss")["loss"]


def test_a_stopped_run_again_goes_to_its_end(tmp_path):
    stopped, events = talk(ordered(tmp_path, two(), rows()), {4: asks("stop")})
    _, whole = talk(again(stopped.path), {})
    assert isinstance(whole[-1], RunFinished)
    assert steps(whole)[:4] == steps(events)


def test_a_run_is_not_repeated_on_other_data(tmp_path):
    first, _ = run(ordered(tmp_path, straight(epochs=1), line()))
    np.savez(tmp_path / "small.npz", **line(seed=1))
    found = refused(again(first.path))
    assert (found.code, found.message) == (
        "run-differs", "the data has changed since this run started",
    )  # fmt: skip
    assert not (tmp_path / "runs/small-002").exists()


def test_a_run_may_be_repeated_without_its_graph_file_and_into_a_folder_of_choice(tmp_path):
    first, events = run(ordered(tmp_path, straight(epochs=2), line()))
    (tmp_path / "small.loom.json").unlink()
    second, repeated = run(again(first.path, run=tmp_path / "elsewhere"))
    assert second.path == tmp_path / "elsewhere"
    assert steps(repeated) == steps(events)


def test_a_run_begins_with_the_weights_of_another(tmp_path):
    quick = {"kind": "Adam", "params": {"learning_rate": 0.1}}
    order = ordered(tmp_path, straight(epochs=8, batch_size=4, optimizer=quick), line())
    first, events = run(order)
    second, more = run(replace(order, warm_start=first.path))
    assert steps(more)[0] < steps(events)[0] / 2
    assert second.record["from"]["run_id"] == first.run_id
    assert not [
        e for e in more if isinstance(e, Warned) and e.diagnostic["code"] == "weights-partly"
    ]
    third, same = run(again(second.path))
    assert steps(same) == steps(more)
    assert third.record["from"] == second.record["from"]


def test_weights_that_have_changed_since_are_not_taken_for_the_same(tmp_path):
    order = ordered(tmp_path, straight(epochs=2), line())
    first, _ = talk(order, {1: asks("stop")})
    second, _ = run(replace(order, warm_start=first.path))
    run(TrainRequest(None, None, run=first.path, resume=True))
    assert refused(again(second.path)).code == "run-differs"


def wider(units):
    return project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=1),
        node("wide", "Dense", "x", units=units),
        node("e", "Dense", "wide", units=1),
        node("y", "Output", "d", loss="mse"),
        node("z", "Output", "e", loss="mse"),
        data={"targets": {"z": {"column": "y"}}},
        epochs=1,
    )


def test_weights_that_agree_are_taken_and_the_others_are_named(tmp_path):
    first, _ = run(ordered(tmp_path, wider(4), line()))
    (tmp_path / "small.loom.json").write_text(dumps(wider(5)))
    order = TrainRequest(
        tmp_path / "small.loom.json", tmp_path / "small.npz", warm_start=first.path
    )
    _, events = run(order)
    (notice,) = [
        event.diagnostic
        for event in events
        if isinstance(event, Warned) and event.diagnostic["code"] == "weights-partly"
    ]
    assert notice["severity"] == "info"
    assert notice["message"].startswith("3 of 6 weights keep their initial values")
    assert notice["found"] == "wide/kernel, wide/bias, e/kernel"


def test_weights_of_which_none_agrees_are_refused(tmp_path):
    first, _ = run(ordered(tmp_path, straight(epochs=1), line()))
    other = project(
        node("x", "Input", shape=[3]), node("q", "Dense", "x", units=1),
        node("y", "Output", "q", loss="mse"),
    )  # fmt: skip
    (tmp_path / "other.loom.json").write_text(dumps(other))
    order = TrainRequest(
        tmp_path / "other.loom.json", tmp_path / "small.npz", warm_start=first.path
    )
    assert refused(order).code == "checkpoint-unfit"
    assert not (tmp_path / "runs/other-001").exists()


def test_a_request_to_the_model_is_none_to_its_repetition(tmp_path):
    first, events = run(ordered(tmp_path, straight(epochs=1), line()))
    append_request(first.path, "stop")
    _, repeated = run(again(first.path))
    assert steps(repeated) == steps(events)

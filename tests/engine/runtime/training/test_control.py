"""A run is talked to while it goes on, and stays exact through changes, pauses and kills."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from engine.events import (
    BestFound,
    CheckpointSaved,
    ControlTaken,
    Event,
    Heartbeat,
    RunFinished,
    RunResumed,
    RunStopped,
    StepsDone,
)
from engine.runs.control.requests import append_request
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.event_log import read_events
from engine.runs.request import TrainRequest
from engine.runs.state.run_state import fold_events
from engine.runtime.run.runner import train
from tests.engine.runtime.small import line, node, ordered, project, steps
from tests.tiers import grid

Ask = Callable[[RunFolder], object]


@pytest.fixture(autouse=True)
def _at_every_step(monkeypatch):
    """Look for requests after every step, and tell each step at once."""
    monkeypatch.setattr("engine.runtime.training.control.POLL_SECONDS", 0.0)
    monkeypatch.setattr("engine.runtime.run.run_recorder.MAX_LINES_PER_SECOND", 1e9)


def two(**recipe):
    fields = {"epochs": 3, "batch_size": 8, "seed": 4, "validation_split": 0.0}
    return project(
        node("x", "Input", shape=[3]),
        node("drop", "Dropout", "x", rate=0.2),
        node("d", "Dense", "drop", units=1),
        node("y", "Output", "d", loss="mse", metrics=["mae"]),
        node("z", "Output", "d", loss="mae", loss_weight=0.5),
        **fields | recipe,
    )


def rows():
    arrays = line(48)
    return {**arrays, "z": arrays["y"] * 2}


def talk(order: TrainRequest, asks: dict[int, Ask], kill_after: int = 0):
    """Train, asking something once a step has been told; leave without a word after another."""
    events: list[Event] = []
    going = train(order)
    for run, event in going:
        events.append(event)
        if isinstance(event, StepsDone):
            for step in [step for step in asks if step <= event.last]:
                asks.pop(step)(run)
            if event.last == kill_after:
                going.close()
                break
    return run, events


def asks(kind, value=None) -> Ask:
    return lambda run: append_request(run.path, kind, value)


def taken(events):
    return [event for event in events if isinstance(event, ControlTaken)]


def exact(events, *whats):
    return {what: [value.hex() for value in steps(events, what)] for what in whats}


ALL = ("loss", "y", "z", "learning_rate")


def test_a_new_learning_rate_counts_from_the_next_step_on(tmp_path):
    order = ordered(tmp_path, two(), rows())
    _, events = talk(order, {4: asks("learning_rate", 0.5)})
    assert steps(events, "learning_rate") == [0.001] * 4 + [0.5] * 14
    (answer,) = taken(events)
    assert (answer.request, answer.step, answer.value, answer.before) == (
        "learning_rate", 4, 0.5, 0.001,
    )  # fmt: skip


def test_a_new_loss_weight_changes_the_total_and_not_the_output(tmp_path):
    order = ordered(tmp_path, two(), rows())
    run, events = talk(order, {4: asks("loss_weight", {"z": 4})})
    total, y, z = (steps(events, what) for what in ("loss", "y", "z"))
    weights = [0.5] * 4 + [4.0] * 14
    assert total == pytest.approx([a + w * b for a, w, b in zip(y, weights, z, strict=True)])
    assert taken(events)[0].before == {"z": 0.5}
    assert taken(events)[0].value == {"z": 4.0}
    assert json.loads(run.graph_bytes())["graph"]["nodes"][-1]["params"]["loss_weight"] == 0.5


def test_a_new_stopping_rule_is_kept_to(tmp_path):
    still = {"kind": "SGD", "params": {"learning_rate": 1e-12}}
    order = ordered(tmp_path, two(epochs=40, optimizer=still), rows())
    rule = {"monitors": [{"name": "y/mae", "min_delta": 1.0}], "patience": 2}
    _, events = talk(order, {8: asks("stopping", rule)})
    assert events[-1].reason == "y/mae: no improvement for 2 epochs"
    assert events[-1].epoch < 8
    assert taken(events)[0].value["patience"] == 2


def test_patience_can_be_raised_without_forgetting_the_best_epoch(tmp_path):
    still = {"kind": "SGD", "params": {"learning_rate": 1e-12}}
    rule = {"monitors": [{"name": "y/mae", "min_delta": 1.0}], "patience": 3}
    order = ordered(tmp_path, two(epochs=40, optimizer=still, stopping=rule), rows())
    _, events = talk(order, {8: asks("stopping", {"patience": 6})})
    assert events[-1].epoch == 7  # the first epoch, and six without a better one


def test_the_best_epoch_is_looked_for_anew_where_the_total_is_another_sum(tmp_path):
    """Else a heavier loss would look like a worse epoch, and end what goes on getting better."""
    rule = {"monitors": ["loss"], "patience": 3}
    order = ordered(tmp_path, two(epochs=8, stopping=rule), rows())
    _, events = talk(order, {8: asks("loss_weight", {"z": 400})})
    best = [event.epoch for event in events if isinstance(event, BestFound)]
    (answer,) = taken(events)
    assert answer.anew
    changed = 1 + answer.step // 6  # six steps an epoch
    assert best[0] == 1
    assert changed not in best, "its total is of two kinds"
    assert changed + 1 in best


def test_a_rule_that_watches_one_output_remembers_its_best_through_other_weights(tmp_path):
    still = {"kind": "SGD", "params": {"learning_rate": 1e-12}}
    rule = {"monitors": [{"name": "y/mae", "min_delta": 1.0}], "patience": 3}
    order = ordered(tmp_path, two(epochs=40, optimizer=still, stopping=rule), rows())
    _, events = talk(order, {8: asks("loss_weight", {"z": 400})})
    assert events[-1].epoch == 4
    assert not taken(events)[0].anew


UNFIT = [
    ("loss_weight", {"w": 1}), ("loss_weight", {"y": -1}), ("learning_rate", 0),
    ("stopping", {"monitors": ["w/mae"]}), ("faster", "x" * 5000),
    ("stopping", {"monitors_" + "[" * 50_000: 1}),
]  # fmt: skip


def test_a_refusal_is_an_answer_and_the_run_goes_on_as_before(tmp_path):
    order = ordered(tmp_path, two(), rows())
    _, expected = talk(order, {})
    _, events = talk(order, {step: asks(*what) for step, what in enumerate(UNFIT, 4)})
    assert len(taken(events)) == len(UNFIT)
    for answer in taken(events):
        assert answer.code == "request-unfit"
        assert answer.diagnostic["fixes"]
        assert len(answer.to_json()) < 4000
    assert exact(events, *ALL) == exact(expected, *ALL)


def test_a_paused_run_gives_signs_of_life_takes_requests_and_does_not_age(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.runtime.training.control.HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr("engine.runtime.training.control.POLL_SECONDS", 0.01)
    order = ordered(tmp_path, two(), rows())
    events: list[Event] = []
    beats = 0
    for run, event in train(order):
        events.append(event)
        if isinstance(event, StepsDone) and event.last == 6 and not taken(events):
            append_request(run.path, "pause")
        if isinstance(event, Heartbeat) and event.phase == "paused":
            beats += 1
            assert fold_events(events).paused
            if beats == 2:
                assert run.status()["state"] == "paused"
                append_request(run.path, "learning_rate", 0.25)
            if beats == 5:
                append_request(run.path, "continue")
    waited = [event for event in events if isinstance(event, Heartbeat)]
    assert {event.step for event in waited} == {taken(events)[0].step}
    assert all(event.memory > 1 << 20 for event in waited)
    assert [event.request for event in taken(events)] == ["pause", "learning_rate", "continue"]
    assert isinstance(events[-1], RunFinished)
    assert events[-1].seconds < events[-1].mono - events[0].mono - 0.4
    assert run.status()["state"] == "finished"


def test_a_paused_run_can_be_stopped_and_goes_on_without_a_pause(tmp_path):
    order = ordered(tmp_path, two(), rows())
    _, expected = talk(order, {})
    first = []
    for run, event in train(order):
        first.append(event)
        if isinstance(event, StepsDone) and event.last == 5:
            append_request(run.path, "pause")
        if isinstance(event, ControlTaken) and event.request == "pause":
            append_request(run.path, "stop")
    assert (first[-1].kind, first[-1].step) == ("run-stopped", 5)
    _, rest = talk(TrainRequest(None, None, run=run.path, resume=True), {})
    assert exact([*first, *rest], *ALL) == exact(expected, *ALL)


def test_a_request_to_stop_saves_and_the_rest_is_the_same(tmp_path):
    order = ordered(tmp_path, two(), rows())
    _, expected = talk(order, {})
    run, first = talk(order, {7: asks("stop")})
    assert isinstance(first[-1], RunStopped)
    assert first[-1].reason == "stop request"
    assert first[-1].step == 7
    _, rest = talk(TrainRequest(None, None, run=run.path, resume=True), {})
    assert exact([*first, *rest], *ALL) == exact(expected, *ALL)
    assert not taken(rest)


def test_a_checkpoint_is_saved_when_asked_for(tmp_path):
    order = ordered(tmp_path, two(), rows())
    run, events = talk(order, {4: asks("checkpoint")}, kill_after=9)
    place = events.index(taken(events)[0])
    assert isinstance(events[place + 1], CheckpointSaved)
    assert events[place + 1].step == 4
    _, rest = talk(TrainRequest(None, None, run=run.path, resume=True), {})
    resumed = next(event for event in rest if isinstance(event, RunResumed))
    assert resumed.to_step >= 4


CHANGES = {
    3: ("learning_rate", 0.1),
    5: ("loss_weight", {"z": 3.0}),
    8: ("stopping", {"monitors": ["z/loss"], "patience": 1}),
    10: ("learning_rate", 0.02),
    11: ("loss_weight", {"y": 0.0}),
}


@pytest.mark.parametrize("kill_after", grid([4, 1, 6, 7, 9, 12, 14], 2))
def test_a_killed_run_makes_its_changes_again_where_it_made_them(tmp_path, kill_after):
    """6 steps an epoch: before the first checkpoint, after it, and after changes that it holds."""
    order = ordered(tmp_path, two(stopping={"patience": 9}), rows())
    _, expected = talk(order, {step: asks(*what) for step, what in CHANGES.items()})
    wanted = [event.step for event in taken(expected)]
    assert wanted == list(CHANGES)
    made = {step: asks(*what) for step, what in CHANGES.items()}
    run, first = talk(order, made, kill_after)
    _, rest = talk(TrainRequest(None, None, run=run.path, resume=True), made)
    at = next(event for event in rest if isinstance(event, RunResumed)).to_step
    kept = {what: values[:at] for what, values in exact(first, *ALL).items()}
    assert {what: kept[what] + values for what, values in exact(rest, *ALL).items()} == exact(
        expected, *ALL
    )
    assert rest[-1].reason == expected[-1].reason
    state = fold_events(read_events(run.path))
    assert [(mark.request, mark.step) for mark in state.responses] == [
        (event.request, event.step) for event in taken(expected)
    ]


def test_a_run_may_be_killed_again_and_again(tmp_path):
    order = ordered(tmp_path, two(), rows())
    _, expected = talk(order, {step: asks(*what) for step, what in CHANGES.items()})
    made = {step: asks(*what) for step, what in CHANGES.items()}
    run, _ = talk(order, made, kill_after=4)
    for kill_after in (2, 9, 7, 12, 14, 0):
        talk(TrainRequest(None, None, run=run.path, resume=True), made, kill_after)
    kept, wanted = fold_events(read_events(run.path)), fold_events(expected)
    assert kept.steps.keys() == wanted.steps.keys()
    for name, curve in wanted.steps.items():
        assert list(kept.steps[name]) == list(curve), name


def test_an_order_that_nobody_took_in_time_is_not_carried_out_later(tmp_path):
    run, _ = talk(ordered(tmp_path, two(), rows()), {}, kill_after=8)
    append_request(run.path, "stop")
    append_request(run.path, "learning_rate", 0.25)
    _, rest = talk(TrainRequest(None, None, run=run.path, resume=True), {})
    assert [(event.request, event.code) for event in taken(rest)] == [
        ("stop", "request-late"), ("learning_rate", ""),
    ]  # fmt: skip
    assert isinstance(rest[-1], RunFinished)
    assert set(steps(rest, "learning_rate")) == {0.25}


def test_a_first_attempt_takes_what_was_asked_while_it_was_starting(tmp_path):
    order = ordered(tmp_path, two(), rows(), run=tmp_path / "here")
    (tmp_path / "here").mkdir()
    append_request(tmp_path / "here", "stop")
    _, events = talk(order, {})
    assert isinstance(events[-1], RunStopped)
    assert events[-1].step == 0


def test_what_a_kill_in_the_middle_of_a_save_left_is_swept_up_by_the_next_attempt(tmp_path):
    run, _ = talk(ordered(tmp_path, two(), rows()), {})
    left = run.checkpoints_path / "step-0000000041.safetensors"
    left.write_bytes(b"a checkpoint that no pointer came to lead to")
    talk(TrainRequest(None, None, run=run.path, resume=True), {})
    assert not left.exists()

"""Each output's share of the total, whoever changes its weight: a person, or the training."""

import random

import pytest

from engine.events import ControlTaken, OutputInfo, RunResumed, RunStarted, StepsDone
from engine.runs.state.loss_shares import loss_shares
from engine.runs.state.run_state import fold_events

STARTED = RunStarted(run_id="r", outputs=(OutputInfo(name="a", weight=2.0), OutputInfo(name="b")))


def done(first, total, losses, **more):
    return StepsDone(first=first, last=first + len(total) - 1, loss=total, losses=losses, **more)


def turned(step, value, code="", id="1"):
    return ControlTaken(id=id, request="loss_weight", step=step, value=value, code=code)


def curves(*events):
    return {name: list(curve) for name, curve in fold_events(events).shares.items()}


def test_shares_are_loss_by_weight_over_the_total():
    assert loss_shares(4.0, {"a": 1.0, "b": 2.0}, {"a": 2.0}) == {"a": 0.5, "b": 0.5}
    assert loss_shares(8.0, {"a": 1.0, "b": 2.0}, {"a": 2.0}) == {"a": 0.25, "b": 0.25}
    assert loss_shares(0.0, {"a": 0.0}, {}) == {"a": 0.0}


def test_a_term_below_zero_leaves_shares_between_0_and_1():
    found = loss_shares(-3.0, {"a": 1.0, "b": 1.0}, {"a": 0.5, "b": 0.5})
    assert found == {"a": 0.1, "b": 0.1}


def test_the_weights_that_a_run_began_with_count():
    events = (STARTED, done(1, (4.0, 6.0), {"a": (1.0, 2.0), "b": (2.0, 2.0)}))
    assert curves(*events) == {
        "a": [(1, 0.5), (2, pytest.approx(2 / 3))],
        "b": [(1, 0.5), (2, pytest.approx(1 / 3))],
    }


def test_a_weight_that_a_person_changes_counts_from_the_next_step_on():
    losses = {"a": (1.0,), "b": (2.0,)}
    found = curves(
        STARTED, done(1, (4.0,), losses), turned(1, {"b": 0.0}), done(2, (2.0,), losses),
        turned(2, {"a": 9.0}, "request-unfit", "2"), done(3, (2.0,), losses),
    )  # fmt: skip
    assert found["a"] == [(1, 0.5), (2, 1.0), (3, 1.0)]


def test_weights_that_are_learned_are_those_of_the_step():
    weights = {"a": (1.0, 0.5), "b": (1.0, 1.5)}
    losses = {"a": (1.0, 1.0), "b": (1.0, 1.0)}
    state = fold_events((STARTED, done(1, (2.0, 2.0), losses, weights=weights)))
    assert list(state.steps["b/weight"]) == [(1, 1.0), (2, 1.5)]
    assert list(state.shares["b"]) == [(1, 0.5), (2, 0.75)]


def test_what_is_done_again_is_shared_out_again():
    losses = {"a": (1.0,), "b": (2.0,)}
    found = curves(
        STARTED, done(1, (4.0,), losses), turned(1, {"b": 0.0}), done(2, (2.0,), losses),
        RunResumed(to_step=1, to_epoch=0), STARTED, done(2, (4.0,), losses),
    )  # fmt: skip
    assert found["a"] == [(1, 0.5), (2, 0.5)]


def test_a_run_that_says_nothing_yet_has_no_shares():
    assert curves(STARTED) == {}


def test_many_steps_at_once_have_the_shares_of_each_step():
    """Whatever begins, ends or is turned in between."""
    chance = random.Random(3)

    def numbers(count):
        return tuple(chance.choice((0.0, chance.random(), -chance.random())) for _ in range(count))

    events, first = [STARTED], 1
    for place, count in enumerate((1, 40, 3, 700, 2, 90)):
        names = ("a", "b") if place % 3 else ("a",)
        weights = {"b": numbers(count)} if place in (3, 4) else {}
        losses = {name: numbers(count) for name in names}
        events.append(done(first, numbers(count), losses, weights=weights))
        first += count + (5 if place == 2 else 0)
        events.append(turned(first - 1, {"a": chance.random()}, id=str(place)))
    state = fold_events(events)
    by_step = {name: dict(curve) for name, curve in state.steps.items()}
    for step, total in state.steps["loss"]:
        own = {name: by_step[f"{name}/loss"].get(step) for name in ("a", "b")}
        own = {name: loss for name, loss in own.items() if loss is not None}
        weights = dict(state.weights.at(step))
        if step in by_step["b/weight"]:
            weights["b"] = by_step["b/weight"][step]
        wanted = loss_shares(total, own, weights)
        found = {name: dict(state.shares[name])[step] for name in ("a", "b")}
        assert found == {"a": 0.0, "b": 0.0} | wanted, step

"""The training loop: batches, accumulation, stopping, schedules and ends."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from engine.core.codes import CODES, ExitCode
from engine.events import BestFound, EpochDone, RunFailed, RunFinished
from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.loss_weighting.total_loss import compute_losses
from engine.runtime.training.loop import fit
from tests.engine.runtime.small import node, project, steps, straight, training
from tests.engine.runtime.training.fitted import arrays, epoch_order, epochs, told, weights

EXACT = {"precision": "float64"}
SGD = {"kind": "SGD", "params": {"learning_rate": 0.05}}


@pytest.mark.parametrize(("rows", "batch", "count"), [(40, 16, 3), (32, 16, 2), (3, 16, 1)])
def test_an_epoch_takes_every_row_once_with_a_short_last_batch(rows, batch, count):
    made = training(straight(epochs=2, batch_size=batch), *arrays(rows))
    assert len(made.train) == count
    events = told(made)
    done = [event for event in events if isinstance(event, TrainingStep)]
    assert [event.step for event in done] == list(range(1, 2 * count + 1))
    assert [event.epoch for event in done] == [1] * count + [2] * count
    order = epoch_order(rows, 0, 1)
    sizes = [b.row_count for b in made.train.batches(order)]
    assert sum(sizes) == rows
    assert sorted(order) == list(range(rows))


def test_two_half_batches_move_the_weights_as_one_whole_batch():
    common = {"epochs": 2, "optimizer": SGD, "shuffle": False, **EXACT}
    whole = training(straight(batch_size=20, **common), *arrays())
    halves = training(straight(batch_size=10, accumulate=2, **common), *arrays())
    told(whole), told(halves)
    for name, value in weights(whole).items():
        np.testing.assert_allclose(weights(halves)[name], value, rtol=1e-12)
    assert halves.progress.updates == whole.progress.updates == 4
    assert halves.progress.step == 2 * whole.progress.step


def test_the_last_short_group_of_an_epoch_is_averaged_over_its_own_rows():
    made = training(
        straight(batch_size=8, accumulate=3, epochs=1, optimizer=SGD, shuffle=False, **EXACT),
        *arrays(),
    )
    twin = training(
        straight(batch_size=8, epochs=1, optimizer=SGD, shuffle=False, **EXACT), *arrays()
    )
    told(made)
    batches = list(twin.train.batches())
    for group in (batches[:3], batches[3:]):
        parameters = list(twin.network.parameters())
        each = [
            torch.autograd.grad(compute_losses(twin.network, batch).total, parameters)
            for batch in group
        ]
        with torch.no_grad():
            for parameter, *gradients in zip(parameters, *each, strict=True):
                parameter -= 0.05 * torch.stack(gradients).mean(0)
    for name, value in weights(twin).items():
        np.testing.assert_allclose(weights(made)[name], value, rtol=1e-12)
    assert made.planned_updates == made.progress.updates == 2


def test_the_learning_rate_stays_the_same_inside_a_group():
    made = training(
        straight(batch_size=8, accumulate=2, epochs=2, schedule={"kind": "CosineDecay"}), *arrays()
    )
    rates = steps(told(made), "learning_rate")
    assert rates[0] == rates[1]
    assert rates[2] == rates[3]
    assert rates[1] > rates[2] > rates[4]  # the fifth batch is a group of its own
    assert len(rates) == 10
    assert made.planned_updates == 6


def test_the_best_epoch_is_told_before_its_end_and_only_when_it_beats_the_others():
    made = training(
        straight(epochs=6, batch_size=8, optimizer=SGD), *arrays(), held=arrays(20, seed=1)
    )
    events = told(made)
    best = math.inf
    for one, two in pairwise([e for e in events if not isinstance(e, TrainingStep)]):
        if isinstance(one, BestFound):
            assert isinstance(two, EpochDone)
            assert one.epoch == two.epoch
            assert one.scores == two.validation  # validation is watched where there is one
    for done in epochs(events):
        found = any(isinstance(e, BestFound) and e.epoch == done.epoch for e in events)
        assert found == (done.validation["loss"] < best)
        best = min(best, done.validation["loss"])


def test_the_stopping_rule_ends_the_run_and_says_why():
    rule = {"monitors": ["y/mae"], "patience": 2}
    still = {"kind": "SGD", "params": {"learning_rate": 1e-12}}
    made = training(
        straight(epochs=50, batch_size=40, optimizer=still, stopping=rule, shuffle=False), *arrays()
    )
    events = told(made)
    assert len(epochs(events)) == 3
    assert isinstance(events[-1], RunFinished)
    assert "y/mae" in events[-1].reason
    assert (events[-1].epoch, events[-1].step) == (3, 3)


def test_a_run_through_all_epochs_says_so():
    last = told(training(straight(epochs=2), *arrays()))[-1]
    assert isinstance(last, RunFinished)
    assert last.reason == "all epochs are done"
    assert (last.epoch, last.step) == (2, 4)


def test_a_plateau_cuts_the_rate_that_the_optimizer_uses():
    schedule = {"kind": "ReduceLROnPlateau", "params": {"patience": 1, "factor": 0.5}}
    still = {"kind": "SGD", "params": {"learning_rate": 1e-9}}
    made = training(
        straight(epochs=4, batch_size=40, optimizer=still, schedule=schedule), *arrays()
    )
    seen = []
    step = made.optimizer.step

    def watched(rate):
        seen.append(rate)
        step(rate)

    made.optimizer.step = watched
    assert steps(told(made), "learning_rate") == seen
    assert seen == [1e-9, 1e-9, 0.5e-9, 0.25e-9]


def test_a_cosine_reaches_the_optimizer_and_ends_near_zero():
    made = training(
        straight(epochs=5, batch_size=10, optimizer=SGD, schedule={"kind": "CosineDecay"}),
        *arrays(),
    )
    rates = steps(told(made), "learning_rate")
    expected = [0.05 * 0.5 * (1 + math.cos(math.pi * step / 20)) for step in range(20)]
    assert rates == pytest.approx(expected)


def test_a_run_that_diverges_fails_with_finite_weights_and_names_the_output():
    wild = {"kind": "SGD", "params": {"learning_rate": 1e3}}
    made = training(straight(epochs=50, batch_size=8, optimizer=wild), *arrays())
    last = told(made)[-1]
    assert isinstance(last, RunFailed)
    assert last.code == "diverged"
    assert CODES[last.code].exit == ExitCode.DIVERGED
    assert last.diagnostic["node"] == "y"
    assert "1000" in last.diagnostic["fixes"][0]["text"]
    for value in weights(made).values():
        assert np.isfinite(value).all()


def test_weights_that_the_last_step_spoiled_are_never_called_finished():
    """No loss comes after the last update, so the weights themselves are looked at."""
    wild = {"kind": "SGD", "params": {"learning_rate": 3e38}}
    made = training(straight(epochs=1, batch_size=40, optimizer=wild), *arrays())
    events = told(made)
    assert [type(event) for event in events] == [TrainingStep, RunFailed]
    assert events[-1].code == "diverged"
    assert "a weight is no longer finite" in events[-1].diagnostic["message"]


def test_nodes_that_share_weights_train_one_array():
    """The gradient is the sum over all uses, as by hand for two inputs through one Dense."""
    data = np.random.default_rng(0).normal(size=(6, 3))
    made = training(
        project(
            node("x", "Input", shape=[3]),
            node("z", "Input", shape=[3]),
            node("one", "Dense", "x", units=1, use_bias=False),
            node("two", "Dense", "z", shares="one"),
            node("sum", "Add", {"xs": ["one", "two"]}),
            node("y", "Output", "sum", loss="mse"),
            optimizer=SGD, epochs=1, batch_size=6, shuffle=False, **EXACT,
        ),
        {"x": data, "z": data[::-1].copy()},
        {"y": data[:, :1]},
    )  # fmt: skip
    before = weights(made)
    assert list(before) == ["one/kernel"]
    assert len(list(made.network.parameters())) == 1
    told(made)
    both = data + data[::-1]
    error = both @ before["one/kernel"] - data[:, :1]
    gradient = 2 * both.T @ error / 6
    np.testing.assert_allclose(
        weights(made)["one/kernel"], before["one/kernel"] - 0.05 * gradient, rtol=1e-12
    )


def test_a_step_waits_for_the_device_once_however_many_outputs_there_are(monkeypatch):
    given = project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=1),
        *(node(name, "Output", "d", loss="mse") for name in "abc"),
        epochs=1,
    )
    inputs, targets = arrays()
    made = training(given, inputs, dict.fromkeys("abc", targets["y"]))
    going = fit(made)
    next(going)
    waits = []
    for name in ("item", "tolist"):
        real = getattr(torch.Tensor, name)
        monkeypatch.setattr(
            torch.Tensor, name, lambda self, real=real, name=name: waits.append(name) or real(self)
        )
    event = next(going)
    assert set(event.losses) == set("abc")
    assert waits == ["tolist"]

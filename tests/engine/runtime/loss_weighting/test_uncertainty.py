"""Losses that find their weights: the papers' formulas in plain torch, and exact resumes."""

from __future__ import annotations

from dataclasses import replace
from math import exp

import numpy as np
import pytest
import torch

from engine.events import EpochDone, StepsDone
from engine.recipe.optimizer import Adam
from engine.runs.log.step_buffer import TrainingStep
from engine.runs.request import TrainRequest
from engine.runtime.batches.batch import Batch
from engine.runtime.batches.data_loader import DataLoader
from engine.runtime.loss_weighting.total_loss import compute_losses, heads_of
from engine.runtime.optimizers.algorithms import make_optimizer
from engine.runtime.training.loop import fit, train_on_batch
from tests.engine.runtime.small import node, ordered, project, run, steps, training
from tests.tiers import grid

ROWS = 48
RATE = 0.05
SGD = {"kind": "SGD", "params": {"learning_rate": RATE}}
NAMES = ("mass", "kind", "sex")
LAYERS = (
    node("x", "Input", shape=[4]),
    node("low", "Dense", "x", units=5, activation="tanh"),
    node("trunk", "Dense", "low", units=6, activation="tanh"),
    node("deep", "Dense", "trunk", units=4, activation="tanh"),
    node("a", "Dense", "deep", units=1),
    node("b", "Dense", "trunk", units=3, activation="softmax"),
    node("c", "Dense", "trunk", units=1, activation="sigmoid"),
)


def outputs(masked=False, **weights):
    missing = {"missing": "mask"} if masked else {}
    mass, kind, sex = (weights.get(name, 1.0) for name in NAMES)
    return (
        node("mass", "Output", "a", loss="mse", loss_weight=mass, **missing),
        node("kind", "Output", "b", loss="sparse_categorical_crossentropy", loss_weight=kind,
             **missing),
        node("sex", "Output", "c", loss="binary_crossentropy", loss_weight=sex, **missing),
    )  # fmt: skip


def given(balance, heads=None, **recipe):
    usual = {"epochs": 2, "batch_size": 8, "shuffle": False, "optimizer": SGD, "seed": 3}
    whole = {**usual, "precision": "float64", "balance": balance, **recipe}
    return project(*LAYERS, *(heads or outputs()), **whole)


def rows(seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(ROWS, 4))
    targets = {
        "mass": 20 * x[:, :1] + rng.normal(size=(ROWS, 1)),
        "kind": (x[:, 1] > 0).astype(int) + (x[:, 2] > 0),
        "sex": (x[:, 3:] > 0).astype(float),
    }
    return {"x": x}, targets


def plain(made, weigh, more=()):
    """Train the same network with torch's own gradients: `weigh` answers the total of a batch.

    Args:
        made: a training that is not started.
        weigh: answers the total for the losses of a batch.
        more: called after each step.
    """
    network, found = made.network, []
    order = np.arange(ROWS)
    for _ in range(made.recipe.epochs):
        for batch in made.train.batches(order):
            network.train()
            losses = compute_losses(network, batch).losses
            total = weigh(losses)
            network.zero_grad()
            total.backward()
            with torch.no_grad():
                for parameter in network.parameters():
                    parameter -= RATE * parameter.grad
            for each in more:
                each()
            found.append(total.item())
    return found


def pair(balance, heads=None, **recipe):
    told = given(balance, heads, **recipe)
    one, other = training(told, *rows()), training(told, *rows())
    return one, other


def same_weights(one, other):
    for mine, theirs in zip(one.network.parameters(), other.network.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("start", "weights"), [(0.0, {}), (-0.7, {}), (0.0, {"mass": 0.1, "sex": 3.0})], ids=str
)
def test_uncertainty_is_the_paper_s_loss_with_variances_as_parameters(start, weights):
    """Kendall, Gal and Cipolla: exp(-s) / 2 mse + exp(-s) cross-entropies + sum of s / 2.

    An output's own weight stays its share of what matters.
    """
    balance = {"kind": "uncertainty", "params": {"start": start}}
    one, other = pair(balance, outputs(**weights))
    s = {name: torch.tensor(start, dtype=torch.float64, requires_grad=True) for name in NAMES}

    def weigh(losses):
        for each in s.values():
            each.grad = None
        factors = {"mass": 0.5, "kind": 1.0, "sex": 1.0}
        return sum(
            weights.get(n, 1.0) * (factors[n] * torch.exp(-s[n]) * losses[n] + 0.5 * s[n])
            for n in NAMES
        )

    def move():
        with torch.no_grad():
            for each in s.values():
                each -= RATE * each.grad

    wanted = plain(other, weigh, [move])
    events = list(fit(one))
    assert steps(events) == pytest.approx(wanted, rel=1e-9)
    same_weights(one, other)
    for name in NAMES:
        assert one.loss_weighting.values[name].item() == pytest.approx(s[name].item(), rel=1e-9)
        assert abs(s[name].item() - start) > 0.001


@pytest.mark.parametrize("layer", [None, "low"])
def test_gradnorm_is_the_paper_s_algorithm_with_second_gradients(layer):
    """Chen et al.: |w ||grad L|| - mean r^alpha| is made small by w, by torch's own autograd."""
    told = {"kind": "gradnorm", "params": {"alpha": 0.7, "layer": layer}}
    one, other = pair(told)
    attribute = other.network.plan.attributes[layer or "trunk"]
    shared = list(other.network.get_submodule(attribute).parameters())
    w = {name: torch.tensor(1.0, dtype=torch.float64, requires_grad=True) for name in NAMES}
    adam = make_optimizer(Adam(), w)
    first: dict[str, float] = {}

    def weigh(losses):
        for name in NAMES:
            first.setdefault(name, losses[name].item())
        lengths = []
        for name in NAMES:
            parts = torch.autograd.grad(w[name] * losses[name], shared, create_graph=True)
            lengths.append(torch.cat([part.flatten() for part in parts]).norm())
        ratios = torch.stack([losses[name].detach() / first[name] for name in NAMES])
        wanted = torch.stack(lengths).mean().detach() * (ratios / ratios.mean()) ** 0.7
        apart = (torch.stack(lengths) - wanted).abs().sum()
        found = torch.autograd.grad(apart, list(w.values()), retain_graph=True)
        for each, gradient in zip(w.values(), found, strict=True):
            each.grad = gradient
        return sum(w[name].detach() * losses[name] for name in NAMES)

    def move():
        adam.step(0.025)
        with torch.no_grad():
            whole = sum(each.item() for each in w.values())
            for each in w.values():
                each *= 3 / whole

    wanted = plain(other, weigh, [move])
    assert steps(list(fit(one))) == pytest.approx(wanted, rel=1e-9)
    same_weights(one, other)
    for name in NAMES:
        assert one.loss_weighting.values[name].item() == pytest.approx(w[name].item(), rel=1e-9)
    assert sum(value.item() for value in one.loss_weighting.values.values()) == pytest.approx(3)
    assert one.loss_weighting.values["mass"] < 0.9


BALANCES = ["uncertainty", "gradnorm"]


def events_of(balance, **recipe):
    return list(fit(training(given(balance, **recipe), *rows(), held=rows(1))))


@pytest.mark.parametrize("balance", BALANCES)
def test_a_step_s_total_is_the_sum_of_what_it_says(balance):
    for event in events_of(balance):
        if isinstance(event, TrainingStep):
            told = sum(event.weights[name] * event.losses[name] for name in NAMES)
            told += sum(event.penalties.values())
            assert event.loss == pytest.approx(told)
            assert set(event.weights) == set(NAMES)


@pytest.mark.parametrize("balance", BALANCES)
def test_scores_count_by_the_outputs_own_weights_so_that_epochs_and_runs_compare(balance):
    events = [event for event in events_of(balance) if isinstance(event, EpochDone)]
    for event in events:
        for scores in (event.train, event.validation):
            assert scores["loss"] == pytest.approx(sum(scores[f"{n}/loss"] for n in NAMES))
        assert set(event.weights) == set(NAMES)
    assert events[0].weights != events[1].weights


def test_without_a_balance_nothing_is_added_to_the_events():
    for event in events_of(None):
        if isinstance(event, (TrainingStep, EpochDone)):
            assert not event.weights


def test_the_schedule_scales_the_rate_of_the_numbers_too():
    halved = {"kind": "StepDecay", "params": {"every": 1, "factor": 0.5}}
    told = {"kind": "uncertainty", "params": {"learning_rate": 0.1}}
    one = training(given(told, schedule=halved, epochs=1), *rows())
    steps_of = list(fit(one))
    weights = [event.weights["kind"] for event in steps_of if isinstance(event, TrainingStep)]
    loss = steps_of[0].losses["kind"]
    assert weights[0] == 1
    assert weights[1] == pytest.approx(exp(0.1 * (0.5 - loss)))


@pytest.mark.parametrize("balance", BALANCES)
def test_an_output_without_a_target_in_a_batch_is_left_alone(balance):
    inputs, targets = rows()
    told = given(balance, outputs(masked=True))
    made = training(told, inputs, targets)
    masks = {"sex": np.zeros(ROWS, bool)}
    feed = DataLoader(inputs, targets, 8, torch.float64, masks=masks)
    made.train = feed
    list(fit(made))
    value = made.loss_weighting.values["sex"].item()
    assert value == (0.0 if balance == "uncertainty" else pytest.approx(value))
    assert all(parameter.isfinite().all() for parameter in made.network.parameters())
    if balance == "gradnorm":
        assert "sex" not in made.loss_weighting.initial_losses
    else:
        head = next(head for head in heads_of(made.network) if head.name == "sex")
        assert made.loss_weighting.factor(head).item() == 1


@pytest.mark.parametrize("balance", BALANCES)
def test_an_output_of_weight_nothing_is_measured_and_not_balanced(balance):
    made = training(given(balance, outputs(sex=0.0)), *rows())
    events = list(fit(made))
    last = next(event for event in reversed(events) if isinstance(event, EpochDone))
    assert last.weights["sex"] == 0
    assert last.train["sex/loss"] > 0


@pytest.mark.parametrize("balance", BALANCES)
@pytest.mark.parametrize(
    ("accumulate", "stop_after"), grid([(4, 3), (1, 3), (1, 8), (4, 8), (1, 13), (4, 13)], 1)
)
def test_a_balanced_run_that_was_stopped_inside_an_epoch_goes_on_exactly(
    tmp_path, balance, accumulate, stop_after
):
    inputs, targets = rows()
    told = given(
        balance, epochs=3, accumulate=accumulate, shuffle=True, validation_split=0.2,
        optimizer={"kind": "Adam", "params": {"learning_rate": 0.01, "global_clipnorm": 1.0}},
    )  # fmt: skip
    order = ordered(tmp_path, told, inputs | targets)
    _, through = run(replace(order, run=tmp_path / "through"))
    folder, first = run(replace(order, run=tmp_path / "broken"), stop_after)
    _, rest = run(TrainRequest(None, None, run=folder.path, resume=True))

    def told_by(events):
        done = [event for event in events if isinstance(event, StepsDone)]
        weights = {name: [w for e in done for w in e.weights[name]] for name in NAMES}
        epochs = [(e.train, e.validation, e.weights) for e in events if isinstance(e, EpochDone)]
        return steps(events), weights, epochs

    one, other = told_by(through), told_by([*first, *rest])
    assert one == other


def test_one_batch_outside_an_epoch_moves_the_numbers_once():
    made = training(given("uncertainty"), *rows())
    batch: Batch = next(made.train.batches())
    train_on_batch(made, batch)
    assert made.loss_weighting.optimizer.iterations == 1
    assert made.loss_weighting.values["mass"].item() != 0


@pytest.mark.slow
def test_a_dominant_output_ends_up_pulling_like_the_others():
    """The mean squared error of a target of deviation 20 makes over 99 % of the total at first."""
    ends = {}
    for balance in (None, *BALANCES):
        told = given(balance, epochs=30, optimizer={"kind": "Adam",
                                                    "params": {"learning_rate": 0.01}})  # fmt: skip
        events = list(fit(training(told, *rows())))
        last = next(event for event in reversed(events) if isinstance(event, EpochDone))
        ends[balance] = last.train["kind/loss"] + last.train["sex/loss"]
    assert ends["uncertainty"] < ends[None]
    assert ends["gradnorm"] < ends[None]

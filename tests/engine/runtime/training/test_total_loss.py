"""Losses, loss weights, penalties and scores of steps and epochs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.loss_weighting.total_loss import compute_losses
from engine.runtime.training.epoch_metrics import evaluate
from engine.runtime.training.loop import fit
from tests.engine.runtime.small import node, project, steps, straight, training
from tests.engine.runtime.training.fitted import arrays, epochs, told, weights

EXACT = {"precision": "float64"}
SGD = {"kind": "SGD", "params": {"learning_rate": 0.05}}


def heads(weights_of=(0.25, 1.0, 10.0), **recipe):
    """N7 in small: three heads, their losses weighted, and two regularisers."""
    age, income, gender = weights_of
    return project(
        node("x", "Input", shape=[3]),
        node("body", "Dense", "x", units=8, activation="relu", kernel_regularizer="l2"),
        node("a", "Dense", "body", units=1, activity_regularizer={"kind": "l1"}),
        node("b", "Dense", "body", units=4, activation="softmax"),
        node("c", "Dense", "body", units=1, activation="sigmoid"),
        node("age", "Output", "a", loss="mse", loss_weight=age, metrics=["mae"]),
        node(
            "income", "Output", "b", loss="categorical_crossentropy", loss_weight=income,
            metrics=["acc"],
        ),
        node("gender", "Output", "c", loss="binary_crossentropy", loss_weight=gender),
        **recipe,
    )  # fmt: skip


def three(rows=40):
    rng = np.random.default_rng(4)
    x = rng.normal(size=(rows, 3))
    return {"x": x}, {
        "age": rng.normal(size=(rows, 1)),
        "income": np.eye(4)[rng.integers(0, 4, rows)],
        "gender": rng.integers(0, 2, (rows, 1)).astype(float),
    }


def test_the_total_is_the_sum_of_weight_times_loss_and_the_penalties_at_every_step():
    made = training(heads(epochs=2, batch_size=16, **EXACT), *three())
    done = [event for event in fit(made) if isinstance(event, TrainingStep)]
    assert len(done) == 6
    for event in done:
        weighted = sum(
            weight * event.losses[name]
            for name, weight in (("age", 0.25), ("income", 1.0), ("gender", 10.0))
        )
        penalties = sum(event.penalties.values())
        assert penalties > 0
        assert event.loss == pytest.approx(weighted + penalties, rel=1e-12)
        assert all("/" in name for name in event.penalties)


def test_a_head_without_weight_is_measured_and_moves_nothing():
    made = training(heads((0.0, 1.0, 0.0), epochs=1, batch_size=16, **EXACT), *three())
    before = weights(made)
    done = epochs(told(made))[0]
    after = weights(made)
    assert {"age/loss", "age/mae", "gender/loss"} <= done.train.keys()
    assert np.array_equal(before["c/kernel"], after["c/kernel"])
    assert not np.array_equal(before["b/kernel"], after["b/kernel"])


def test_regularisers_are_terms_with_names():
    made = training(heads(**EXACT), *three())
    scores = compute_losses(made.network, next(made.train.batches()))
    (name,), (node_name,) = made.network.penalties(), scores.forward_output.penalties
    assert (name, node_name) == ("body/kernel", "a")
    kernel = weights(made)["body/kernel"]
    assert made.network.penalties()[name].item() == pytest.approx(0.01 * (kernel**2).sum())
    answer = scores.forward_output.heads["age"].detach().numpy()
    by_row = 0.01 * np.abs(answer).sum() / len(answer)
    assert scores.forward_output.penalties["a"].item() == pytest.approx(by_row)


def test_scores_of_an_epoch_are_means_over_rows_not_over_batches():
    inputs, targets = three(40)
    held = ({"x": inputs["x"][:20]}, {name: array[:20] for name, array in targets.items()})
    made = training(heads(epochs=1, batch_size=16, shuffle=False, **EXACT), inputs, targets, held)
    events = told(made)
    (done,) = epochs(events)
    rows = np.array([16, 16, 8])
    for name in ("age", "income", "gender"):
        mean = (rows * steps(events, name)).sum() / 40
        assert done.train[f"{name}/loss"] == pytest.approx(mean, rel=1e-12)
    assert done.train["loss"] == pytest.approx((rows * steps(events)).sum() / 40, rel=1e-12)
    made.network.eval()
    with torch.no_grad():
        answer = made.network({"x": torch.from_numpy(held[0]["x"])})
    mae = np.abs(answer["age"].numpy() - held[1]["age"]).mean()
    right = (answer["income"].numpy().argmax(1) == held[1]["income"].argmax(1)).mean()
    assert done.validation["age/mae"] == pytest.approx(mae, rel=1e-12)
    assert done.validation["income/accuracy"] == pytest.approx(right)


def test_scoring_leaves_the_network_in_the_mode_it_was_in():
    made = training(straight(), *arrays())
    for mode in (True, False):
        made.network.train(mode)
        evaluate(made.network, made.train.batches())
        assert made.network.training is mode

"""Losses, loss weights, penalties and scores of steps and epochs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.loss_weighting.total_loss import compute_losses
from engine.runtime.training.epoch_metrics import evaluate
from engine.runtime.training.loop import fit
from tests.double import keras
from tests.engine.runtime.small import node, project, steps, straight, training
from tests.engine.runtime.training.fitted import arrays, epoch_order, epochs, told, weights

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
    seen = []
    for event in fit(made):
        if isinstance(event, TrainingStep):
            penalty = event.loss - (
                0.25 * event.losses["age"]
                + 1.0 * event.losses["income"]
                + 10.0 * event.losses["gender"]
            )
            seen.append(penalty)
            named = sum(event.penalties.values())
            assert penalty == pytest.approx(named, rel=1e-9)
            assert all("/" in name for name in event.penalties)
    assert len(seen) == 6
    again = training(heads(epochs=2, batch_size=16, **EXACT), *three())
    order = epoch_order(40, 0, 1)
    scores = compute_losses(again.network, next(again.train.batches(order)))
    assert seen[0] == pytest.approx(
        sum(term.item() for term in scores.penalties.values()), rel=1e-12
    )
    assert scores.total.item() == pytest.approx(
        sum(term.item() for term in scores.penalties.values())
        + sum(
            weight * scores.losses[name].item()
            for name, weight in (("age", 0.25), ("income", 1.0), ("gender", 10.0))
        ),
        rel=1e-15,
    )
    assert all(value > 0 for value in seen)


def test_a_head_without_weight_is_measured_and_moves_nothing():
    made = training(heads((0.0, 1.0, 0.0), epochs=1, batch_size=16, **EXACT), *three())
    before = weights(made)
    done = epochs(told(made))[0]
    after = weights(made)
    assert {"age/loss", "age/mae", "gender/loss"} <= done.train.keys()
    assert np.array_equal(before["c/kernel"], after["c/kernel"])
    assert not np.array_equal(before["b/kernel"], after["b/kernel"])


def test_a_weight_of_loss_scales_the_gradient_of_its_head():
    kernels = {}
    for weight in (1.0, 10.0):
        made = training(
            heads((0.25, 1.0, weight), epochs=1, batch_size=40, optimizer=SGD, **EXACT), *three()
        )
        before = weights(made)["c/kernel"]
        told(made)
        kernels[weight] = weights(made)["c/kernel"] - before
    np.testing.assert_allclose(kernels[10.0], 10 * kernels[1.0], rtol=1e-9)


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


def test_a_tagger_with_a_mask_has_the_loss_that_keras_has():
    """Masked steps count neither in the loss nor in the accuracy, and move no weight."""
    made = training(
        project(
            node("words", "Input", shape=[None], dtype="int32"),
            node("vectors", "Embedding", "words", input_dim=9, output_dim=4, mask_zero=True),
            node("read", "LSTM", "vectors", units=5, return_sequences=True),
            node("tags", "Dense", "read", units=3, activation="softmax"),
            node("tag", "Output", "tags", loss="sparse_categorical_crossentropy", metrics=["acc"]),
            epochs=1, batch_size=6, optimizer=SGD, shuffle=False, **EXACT,
        ),
        *tagged(),
    )  # fmt: skip
    (inputs, targets), layers = tagged(), keras.layers
    words = keras.Input((None,), dtype="int32")
    x = layers.Embedding(9, 4, mask_zero=True, dtype="float64", name="vectors")(words)
    x = layers.LSTM(5, return_sequences=True, dtype="float64", name="read")(x)
    x = layers.Dense(3, "softmax", dtype="float64", name="tags")(x)
    model = keras.Model(words, x)
    model.compile(
        keras.optimizers.SGD(0.05), "sparse_categorical_crossentropy", weighted_metrics=["acc"]
    )
    ours = weights(made)
    for layer in model.layers[1:]:
        for variable in layer.weights:
            if f"{layer.name}/{variable.name}" in ours:
                variable.assign(ours[f"{layer.name}/{variable.name}"])
    loss, accuracy = model.train_on_batch(inputs["words"], targets["tag"])
    (done,) = epochs(told(made))
    assert done.train["tag/loss"] == pytest.approx(float(loss), rel=1e-6)
    assert done.train["tag/accuracy"] == pytest.approx(float(accuracy), rel=1e-6)
    moved = {
        f"{la.name}/{v.name}": v.value.detach().numpy()
        for la in model.layers[1:]
        for v in la.weights
    }
    for name, value in weights(made).items():
        np.testing.assert_allclose(value, moved[name], rtol=1e-5, atol=1e-8, err_msg=name)


def tagged():
    rng = np.random.default_rng(2)
    words = rng.integers(1, 9, (6, 7)).astype("int32")
    words[2:, 5:] = 0
    words[4:, 3:] = 0
    return {"words": words}, {"tag": rng.integers(0, 3, (6, 7))}

"""The loop's arithmetic: batches, accumulation, weights of losses, scores, stopping, schedules."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from engine.core.codes import CODES, ExitCode
from engine.data.dataset.shuffle import EpochOrder
from engine.events import BestFound, EpochDone, RunFailed, RunFinished, RunStopped, StepsDone
from engine.runtime.batches.data_loader import DataLoader
from engine.runtime.loss_weighting.total_loss import compute_losses
from engine.runtime.training.epoch_metrics import evaluate
from engine.runtime.training.loop import fit
from tests.double import keras
from tests.engine.runtime.small import line, node, project, steps, straight, training

EXACT = {"precision": "float64"}
SGD = {"kind": "SGD", "params": {"learning_rate": 0.05}}


def told(made):
    return list(fit(made))


def arrays(rows=40, seed=0):
    data = line(rows, seed=seed)
    return {"x": data["x"]}, {"y": data["y"]}


def weights(made):
    return made.network.get_weights()


def epochs(events):
    return [event for event in events if isinstance(event, EpochDone)]


def epoch_order(rows, seed, epoch, shuffle=True):
    return EpochOrder(rows, 1, seed, epoch, shuffle)


# Steps and order


@pytest.mark.parametrize(("rows", "batch", "count"), [(40, 16, 3), (32, 16, 2), (3, 16, 1)])
def test_an_epoch_takes_every_row_once_with_a_short_last_batch(rows, batch, count):
    made = training(straight(epochs=2, batch_size=batch), *arrays(rows))
    assert len(made.train) == count
    events = told(made)
    done = [event for event in events if isinstance(event, StepsDone)]
    assert [event.first for event in done] == list(range(1, 2 * count + 1))
    assert [event.epoch for event in done] == [1] * count + [2] * count
    order = epoch_order(rows, 0, 1)
    sizes = [b.row_count for b in made.train.batches(order)]
    assert sum(sizes) == rows
    assert sorted(order) == list(range(rows))


def test_every_epoch_has_its_own_order_unless_shuffling_is_off():
    assert not np.array_equal(epoch_order(50, 1, 1), epoch_order(50, 1, 2))
    assert not np.array_equal(epoch_order(50, 1, 1), epoch_order(50, 2, 1))
    assert np.array_equal(epoch_order(50, 1, 1), epoch_order(50, 1, 1))
    assert np.array_equal(epoch_order(50, 1, 2, shuffle=False), np.arange(50))


# Accumulation


def test_two_half_batches_move_the_weights_as_one_whole_batch():
    common = {"epochs": 2, "optimizer": SGD, "shuffle": False, **EXACT}
    whole = training(straight(batch_size=20, **common), *arrays())
    halves = training(straight(batch_size=10, accumulate=2, **common), *arrays())
    told(whole), told(halves)
    for name, value in weights(whole).items():
        np.testing.assert_allclose(weights(halves)[name], value, rtol=1e-12)
    assert halves.progress.updates == whole.progress.updates == 4
    assert halves.progress.step == 2 * whole.progress.step


def test_the_last_short_group_of_an_epoch_is_averaged_over_its_own_batches():
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


# Losses and their weights


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
        if isinstance(event, StepsDone):
            penalty = event.loss[0] - (
                0.25 * event.losses["age"][0]
                + 1.0 * event.losses["income"][0]
                + 10.0 * event.losses["gender"][0]
            )
            seen.append(penalty)
            named = sum(values[0] for values in event.penalties.values())
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


# Scores of epochs


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


# Judgement at the end of an epoch


def test_the_best_epoch_is_told_before_its_end_and_only_when_it_beats_the_others():
    made = training(
        straight(epochs=6, batch_size=8, optimizer=SGD), *arrays(), held=arrays(20, seed=1)
    )
    events = told(made)
    best = math.inf
    for one, two in pairwise([e for e in events if not isinstance(e, StepsDone)]):
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


# Ends that come early


def test_a_request_to_stop_ends_after_the_step_and_the_loop_goes_on_from_there():
    whole = training(straight(epochs=2, batch_size=8), *arrays())
    expected = steps(told(whole))
    made = training(straight(epochs=2, batch_size=8), *arrays())
    asked = iter(["", "", "SIGINT"])
    made = replace(made, stop=lambda: next(asked, ""))
    first = told(made)
    assert isinstance(first[-1], RunStopped)
    assert (first[-1].reason, first[-1].step, first[-1].epoch) == ("SIGINT", 3, 0)
    rest = told(made)
    assert steps(first) + steps(rest) == expected
    for name, value in weights(whole).items():
        assert np.array_equal(weights(made)[name], value)


def test_a_stop_after_the_last_step_of_an_epoch_still_closes_the_epoch_later():
    made = training(straight(epochs=1, batch_size=20), *arrays())
    asked = iter(["", "asked"])
    made = replace(made, stop=lambda: next(asked, ""))
    assert isinstance(told(made)[-1], RunStopped)
    kinds = [type(event) for event in told(made)]
    assert kinds == [BestFound, EpochDone, RunFinished]


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
    assert [type(event) for event in events] == [StepsDone, RunFailed]
    assert events[-1].code == "diverged"
    assert "a weight is no longer finite" in events[-1].diagnostic["message"]


# Whole networks


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


def test_dropout_and_batch_statistics_go_on_after_a_restored_state():
    """What `state` and the modules' own state answer is all that a resume needs."""
    given = project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=6),
        node("norm", "BatchNormalization", "d"),
        node("own", "Dropout", "norm", rate=0.4, seed=9),
        node("drop", "Dropout", "own", rate=0.2),
        node("e", "Dense", "drop", units=1),
        node("y", "Output", "e", loss="mse", metrics=["mae"]),
        epochs=2, batch_size=8,
    )  # fmt: skip
    whole = training(given, *arrays())
    expected = steps(told(whole))
    made = training(given, *arrays())
    asked = iter([""] * 6 + ["asked"])
    first = told(replace(made, stop=lambda: next(asked, "")))
    fresh = training(given, *arrays())
    fresh.network.load_state_dict(made.network.state_dict())
    fresh.optimizer.load_state_dict(made.optimizer.state_dict())
    asked = iter([""] * 6 + ["asked"])
    again = replace(training(given, *arrays()), stop=lambda: next(asked, ""))
    told(again)
    fresh.load_state_dict(again.state_dict())
    rest = told(fresh)
    assert steps(first) + steps(rest) == expected
    for name, value in weights(whole).items():
        assert np.array_equal(weights(fresh)[name], value), name


def test_a_feed_leaves_out_the_batches_that_are_done():
    feed = DataLoader({"x": np.arange(10.0)}, {}, 3)
    order = epoch_order(10, 0, 1)
    whole = [batch.inputs["x"].tolist() for batch in feed.batches(order)]
    rest = [batch.inputs["x"].tolist() for batch in feed.batches(order, skip=2)]
    assert rest == whole[2:]
    assert list(feed.batches(order, skip=4)) == []


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


def test_a_long_validation_gives_signs_of_life(monkeypatch):
    """Whoever watches can tell a run that scores many rows from one that hangs."""

    def kinds():
        made = training(straight(epochs=1, batch_size=8), *arrays(), arrays(seed=1))
        return [event.kind for event in told(made)]

    quiet = kinds()
    assert "heartbeat" not in quiet
    monkeypatch.setattr("engine.runtime.training.loop.HEARTBEAT_SECONDS", 0.0)
    lively = kinds()
    assert lively.count("heartbeat") == 5
    assert [kind for kind in lively if kind != "heartbeat"] == quiet

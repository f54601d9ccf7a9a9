"""Every trick, on and off, gives the same losses; so do all of them together."""

from dataclasses import replace

import numpy as np
import pytest

from engine.check.report import check
from engine.compile.optimization import optimize_plan
from engine.compile.plan import build_plan
from engine.recipe.optimizer import OPTIMIZERS
from engine.runtime.acceleration.options import FAST, PLAIN
from engine.runtime.batches.data_loader import DataLoader
from engine.runtime.device import make_device_context
from engine.runtime.model.network import Network, node_outputs
from engine.runtime.training.loop import fit
from engine.runtime.training.training import Training, accelerate_network, build_optimizer
from tests.engine.runtime.small import node, project, steps

ROWS, STEPS, WORDS = 48, 30, 4000
TRICKS = ("flat_parameters", "sparse_gradients", "optimized_plan", "kernels")
NODES = (
    node("text", "Input", shape=[STEPS], dtype="int32"),
    node("words", "Embedding", "text", input_dim=WORDS, output_dim=32, mask_zero=True),
    node("plain", "Embedding", "text", input_dim=WORDS, output_dim=16),
    node("conv", "Conv1D", "plain", filters=32, kernel_size=3, activation="relu"),
    node("pool", "MaxPooling1D", "conv", pool_size=3),
    node("conv_2", "Conv1D", "pool", filters=16, kernel_size=3, padding="same", activation="tanh"),
    node("mean", "AveragePooling1D", "conv_2", pool_size=2),
    node("conv_3", "Conv1D", "mean", filters=32, kernel_size=2, activation="relu"),
    node("peak", "GlobalMaxPooling1D", "conv_3"),
    node("story", "LSTM", "words", units=16, return_sequences=True, dropout=0.2),
    node("end", "LSTM", "story", units=32, go_backwards=True),
    node("names", "Embedding", "text", input_dim=WORDS, output_dim=8, mask_zero=True),
    node("last", "LSTM", "names", units=16),
    node("names_again", "Embedding", "text", shares="names"),
    node("first", "LSTM", "names_again", units=16, go_backwards=True),
    node("terms", "Embedding", "text", input_dim=WORDS, output_dim=8),
    node("gated", "GRU", "terms", units=4),
    node("both", "Concatenate", {"xs": ["peak", "end", "last", "first", "gated"]}),
    node("head", "Dense", "both", units=1),
    node("y", "Output", "head", loss="mse"),
)


SECOND = (
    node("head_2", "Dense", "end", units=1, activation="sigmoid"),
    node("z", "Output", "head_2", loss="binary_crossentropy"),
)


def training(speed, optimizer="RMSprop", precision="float32", more=(), **recipe):
    """Return a training of a network that every trick has something to do with."""
    given = project(
        *NODES, *more, optimizer={"kind": optimizer}, epochs=9, batch_size=8, seed=2,
        precision=precision, **recipe,
    )  # fmt: skip
    report = check(given)
    assert not report.errors, report.errors
    planned = build_plan(given.graph, report)
    place = make_device_context("cpu", precision)
    network = Network(
        optimize_plan(planned) if speed.optimized_plan else planned, report.recipe.seed
    )
    place.setup_module(network)
    rng = np.random.default_rng(0)
    ids = rng.integers(1, WORDS, (ROWS, STEPS)).astype("int32")
    ids[np.arange(STEPS) >= rng.integers(0, STEPS + 1, (ROWS, 1))] = 0  # padded, one row wholly
    ids[3] = 0
    targets = {"y": rng.normal(size=(ROWS, 1)).astype("float32")}
    targets |= {"z": rng.integers(0, 2, (ROWS, 1)).astype("float32")} if more else {}
    feed = DataLoader({"text": ids}, targets, 8, place.dtype)
    mover = build_optimizer(network, report.recipe, place, speed)
    accelerate_network(network, mover, report.recipe)
    return Training(network, report.recipe, mover, feed, device_context=place)


def losses(speed, **options):
    return np.array(steps(list(fit(training(speed, **options)))))


@pytest.fixture(scope="module")
def plain():
    return {name: losses(PLAIN, optimizer=name) for name in ("RMSprop", "Adagrad", "SGD", "Adam")}


@pytest.mark.parametrize("trick", TRICKS)
def test_one_trick_gives_the_same_losses_over_fifty_steps(trick, plain):
    found = losses(replace(PLAIN, **{trick: True}))
    np.testing.assert_allclose(found[:50], plain["RMSprop"][:50], rtol=1e-5)


@pytest.mark.parametrize("optimizer", ["RMSprop", "Adagrad", "SGD", "Adam"])
def test_all_tricks_together_give_the_same_losses_over_fifty_steps(optimizer, plain):
    found = losses(FAST, optimizer=optimizer)
    np.testing.assert_allclose(found[:50], plain[optimizer][:50], rtol=1e-5)


def test_moving_small_parameters_together_changes_no_bit(plain):
    assert np.array_equal(losses(replace(PLAIN, flat_parameters=True)), plain["RMSprop"])


def test_open_groups_of_batches_give_the_same_losses():
    found = losses(FAST, accumulate=3)
    np.testing.assert_allclose(found[:50], losses(PLAIN, accumulate=3)[:50], rtol=1e-5)


@pytest.mark.parametrize("balance", ["gradnorm", "uncertainty"])
def test_balances_that_look_at_gradients_find_the_same_weights(balance):
    """GradNorm goes back through the graph several times a step."""
    given = {"balance": balance, "more": SECOND}
    np.testing.assert_allclose(losses(FAST, **given)[:50], losses(PLAIN, **given)[:50], rtol=2e-5)


def test_double_precision_takes_the_way_of_torch_and_agrees_to_its_last_digits():
    made = training(FAST, precision="float64")
    assert made.network.kernels is None
    found, wanted = (losses(speed, precision="float64") for speed in (FAST, PLAIN))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_short_numbers_train_with_all_tricks():
    made = training(FAST, precision="bf16-mixed")
    found = np.array(steps(list(fit(made))))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[:6], losses(PLAIN)[:6], rtol=0.05)


def test_what_a_network_answers_can_be_looked_at_whatever_way_it_goes():
    """So a run whose numbers ran away can say where."""
    made = training(FAST)
    made.network.get_parameter("end.rnn.weight_hh_l0").data.fill_(float("nan"))
    batch = next(iter(made.train.batches(made.train.epoch_order(0, 1, False))))
    made.network.train()
    found = dict(node_outputs(made.network, batch.inputs))
    assert found.keys() == {step.node for step in made.network.plan.steps}
    spoiled = [name for name, outs in found.items() if any(out.isnan().any() for out in outs)]
    assert spoiled[0] == "end"


def test_equal_trainings_are_equal_to_the_last_bit():
    assert np.array_equal(losses(FAST), losses(FAST))


def test_all_optimizers_that_may_rest_say_so_only_where_it_is_exact():
    for name in OPTIMIZERS:
        assert training(FAST, optimizer=name).network.sparse_gradients == (
            name in ("SGD", "RMSprop", "Adagrad")
        )

"""An accelerated training gives the same losses as plain torch, with native kernels or without."""

from functools import cache

import numpy as np
import pytest
import torch

from engine.check.report import check
from engine.compile.plan import build_plan
from engine.recipe.optimizer import OPTIMIZERS
from engine.runtime.acceleration import accelerate, interface
from engine.runtime.acceleration.kernel_build import unavailable_reason
from engine.runtime.batches.data_loader import DataLoader
from engine.runtime.device import make_device_context
from engine.runtime.model.network import Network, node_outputs
from engine.runtime.training.loop import fit
from engine.runtime.training.training import Training, build_optimizer
from tests.engine.runtime.small import node, project, steps
from tests.tiers import cases, grid

ROWS, STEPS, WORDS = 48, 30, 4000
NATIVE, TORCH, PLAIN = "native", "torch alone", "plain"
needs_native = pytest.mark.skipif(unavailable_reason() != "", reason=unavailable_reason())
FAST = [pytest.param(NATIVE, marks=needs_native), TORCH]
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
    """Return a training of a network that every acceleration has something to do with."""
    given = project(
        *NODES, *more, optimizer={"kind": optimizer}, batch_size=8, seed=2, precision=precision,
        **{"epochs": 1} | recipe,
    )  # fmt: skip
    report = check(given)
    assert not report.errors, report.errors
    place = make_device_context("cpu", precision)
    network = Network(build_plan(given.graph, report), report.recipe.seed)
    place.setup_module(network)
    rng = np.random.default_rng(0)
    ids = rng.integers(1, WORDS, (ROWS, STEPS)).astype("int32")
    ids[np.arange(STEPS) >= rng.integers(0, STEPS + 1, (ROWS, 1))] = 0  # padded, one row wholly
    ids[3] = 0
    targets = {"y": rng.normal(size=(ROWS, 1)).astype("float32")}
    targets |= {"z": rng.integers(0, 2, (ROWS, 1)).astype("float32")} if more else {}
    feed = DataLoader({"text": ids}, targets, 8, place.dtype)
    optimizer = build_optimizer(network, report.recipe)
    made = Training(network, report.recipe, optimizer, feed, device_context=place)
    if speed != PLAIN:
        active = accelerate(network, optimizer, report.recipe, speed == NATIVE)
        made.native, made.native_why = active
    return made


def losses(speed, **options):
    return np.array(steps(list(fit(training(speed, **options)))))


@cache
def plain_losses(**options):
    return losses(PLAIN, **options)


@pytest.mark.parametrize("speed", FAST)
@pytest.mark.parametrize("optimizer", grid(["RMSprop", "Adagrad", "SGD", "Adam"], 1))
def test_the_losses_are_the_same(optimizer, speed):
    told = {"optimizer": optimizer, "epochs": cases(3, 9)}
    np.testing.assert_allclose(losses(speed, **told), plain_losses(**told), rtol=1e-5)


@pytest.mark.parametrize("speed", FAST)
def test_open_groups_of_batches_give_the_same_losses(speed):
    found = losses(speed, accumulate=4)
    np.testing.assert_allclose(found, plain_losses(accumulate=4), rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("speed", FAST)
@pytest.mark.parametrize("balance", ["gradnorm", "uncertainty"])
def test_balances_that_look_at_gradients_find_the_same_weights(balance, speed):
    """GradNorm goes back through the graph several times a step."""
    given = {"balance": balance, "more": SECOND}
    np.testing.assert_allclose(losses(speed, **given), losses(PLAIN, **given), rtol=2e-5)


def test_kernels_that_are_not_wanted_are_not_built(monkeypatch):
    monkeypatch.setattr(interface, "unavailable_reason", lambda: "asked for")
    assert training(TORCH).native_why == training(NATIVE, compile=True).native_why == ""


@pytest.mark.slow
def test_double_precision_takes_the_way_of_torch_and_agrees_to_its_last_digits():
    made = training(NATIVE, precision="float64")
    assert (made.native, made.native_why) == (False, "")
    found, wanted = (losses(speed, precision="float64") for speed in (NATIVE, PLAIN))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("speed", FAST)
def test_short_numbers_train_too(speed):
    found = losses(speed, precision="bf16-mixed")
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, plain_losses(), rtol=0.05)


@pytest.mark.parametrize("speed", FAST)
def test_what_a_network_answers_can_be_looked_at_whatever_way_it_goes(speed):
    """So a run whose numbers ran away can say where."""
    made = training(speed)
    made.network.get_parameter("end.rnn.weight_hh_l0").data.fill_(float("nan"))
    batch = next(iter(made.train.batches(made.train.epoch_order(0, 1, False))))
    made.network.train()
    found = dict(node_outputs(made.network, batch.inputs))
    assert found.keys() == {step.node for step in made.network.plan.steps}
    spoiled = [name for name, outs in found.items() if any(out.isnan().any() for out in outs)]
    assert spoiled[0] == "end"


@pytest.mark.slow
@pytest.mark.parametrize("speed", FAST)
def test_equal_trainings_are_equal_to_the_last_bit(speed):
    assert np.array_equal(losses(speed), losses(speed))


@needs_native
@pytest.mark.parametrize("optimizer", ["RMSprop", "Adagrad", "SGD"])
def test_the_kernel_moves_a_variable_of_any_shape_as_torch_does(optimizer):
    torch.manual_seed(1)
    made = training(NATIVE, optimizer=optimizer, balance="gradnorm", more=SECOND).optimizer
    shapes = (), (7,), (33, 20), (8, 5, 3)
    channels_last = torch.rand(16, 3, 40).mT  # as the weight of a convolution lies
    image = torch.rand(4, 3, 5, 5).to(memory_format=torch.channels_last)
    variables = [*map(torch.rand, shapes), image, channels_last]
    gradients = [torch.randn(variable.shape) for variable in variables]
    found, wanted = (
        {name: [x.clone() for x in variables] for name in ("w", *made._used_slots())}
        for _ in range(2)
    )
    moved, expected = found.pop("w"), wanted.pop("w")
    made.update_kernel(gradients, moved, 0.01, found)
    made.update_step(gradients, expected, 0.01, wanted)
    assert not torch.equal(moved[-1], channels_last)
    torch.testing.assert_close((moved, found), (expected, wanted), rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="contiguous"):
        torch.ops.layerloom.update_rows(image, None, None, None, image, 0, 1.0, 1.0, 1.0, 0.0)


@pytest.mark.slow
def test_tables_are_lazy_where_rows_without_a_gradient_stay():
    for name in OPTIMIZERS:
        lazy = training(TORCH, optimizer=name).optimizer.lazy_rows
        assert bool(lazy) == (name in ("SGD", "RMSprop", "Adagrad"))


def test_what_is_remembered_of_a_convolution_lies_as_its_weight_does():
    made = training(TORCH)
    weight = made.network.get_parameter("conv.weight")
    assert weight.mT.is_contiguous()
    assert made.optimizer.state["conv.weight"]["velocity"].stride() == weight.stride()

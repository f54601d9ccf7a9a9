"""Every optimizer takes Keras' steps, remembers all it needs, and nothing else."""

from itertools import product

import keras
import numpy as np
import pytest
import torch

from engine.recipe.optimizer import OPTIMIZERS
from engine.runtime.optimizers.algorithms import OPTIMIZER_CLASSES, make_optimizer
from tests.tiers import noted, some

# Keras 3.15 on torch, with numpy 2, in Nadam and in get_config.
pytestmark = [
    pytest.mark.usefixtures("float64"),
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

SHAPES = {"kernel": (5, 3), "bias": (3,), "scalar": ()}
CASES = {
    "SGD": [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}],
    "RMSprop": [
        {}, {"rho": 0.8, "momentum": 0.5, "epsilon": 1e-3}, {"centered": True},
        {"centered": True, "momentum": 0.9},
    ],
    "Adam": [{}, {"amsgrad": True, "beta_1": 0.8, "beta_2": 0.9}],
    "AdamW": [{}, {"weight_decay": 0.1, "amsgrad": True}],
    "Nadam": [{}, {"beta_1": 0.5, "epsilon": 1e-4}],
    "Adagrad": [{}, {"initial_accumulator_value": 0.0}],
    "Adadelta": [{"learning_rate": 1.0}, {"rho": 0.7}],
    "Adamax": [{}, {"beta_2": 0.9}],
    "Lion": [{}, {"beta_1": 0.5, "beta_2": 0.6}],
}  # fmt: skip
COMMON = [
    {"weight_decay": 0.02}, {"clipnorm": 0.75}, {"clipvalue": 0.25}, {"global_clipnorm": 0.5},
    {"weight_decay": 0.02, "global_clipnorm": 64.0},
]  # fmt: skip
every_optimizer = pytest.mark.parametrize("name", CASES)


def gradients(seed=3, steps=50, shapes=SHAPES):
    """Yield gradients of very different sizes, zeros among them."""
    random = np.random.default_rng(seed)
    for step in range(steps):
        size = 10.0 ** random.uniform(-4, 1)
        yield {
            name: np.asarray(random.normal(size=shape) * size * (step % 7 != 3))
            for name, shape in shapes.items()
        }


def weights(dtype=np.float64):
    random = np.random.default_rng(1)
    return {name: random.normal(size=shape).astype(dtype) for name, shape in SHAPES.items()}


def parameters(dtype=torch.float64):
    return {
        name: torch.tensor(value, dtype=dtype, requires_grad=True)
        for name, value in weights().items()
    }


def take(optimizer, own, gradient, rate):
    for name, value in gradient.items():
        own[name].grad = torch.tensor(value, dtype=own[name].dtype)
    optimizer.step(rate)


def keras_after(name, params):
    variables = [keras.Variable(value, name=key) for key, value in weights().items()]
    optimizer = getattr(keras.optimizers, name)(**params)
    for gradient in gradients():
        tensors = [torch.tensor(gradient[key]) for key in SHAPES]
        optimizer.apply(tensors, variables)
    return {key: np.asarray(v.value.detach()) for key, v in zip(SHAPES, variables, strict=True)}


@every_optimizer
def test_fifty_steps_are_those_of_keras(name):
    for params in CASES[name] + some(COMMON, [*CASES].index(name)):
        with noted(params):
            compare_fifty_steps(name, params)


def compare_fifty_steps(name, params):
    schema = OPTIMIZERS[name].from_params(params)
    own = parameters()
    optimizer = make_optimizer(schema, own)
    for gradient in gradients():
        take(optimizer, own, gradient, schema.learning_rate)
    # Keras rounds the norms that it clips by to float32, whatever the gradients are.
    near = 1e-6 if {"clipnorm", "global_clipnorm"} & params.keys() else 1e-12
    for key, expected in keras_after(name, params).items():
        np.testing.assert_allclose(own[key].detach().numpy(), expected, rtol=near, atol=1e-14)


@pytest.mark.parametrize(
    ("clip", "left"),
    [
        ({"clipnorm": 2.5}, {"a": [1.5, 2.0], "b": [2.4]}),
        ({"global_clipnorm": 5.0}, {"a": [3 * 5 / 5.546169849544817, 4 * 5 / 5.546169849544817],
                                    "b": [2.4 * 5 / 5.546169849544817]}),
        ({"global_clipnorm": 6.0}, {"a": [3.0, 4.0], "b": [2.4]}),
        ({"clipvalue": 2.5}, {"a": [2.5, 2.5], "b": [2.4]}),
    ],
)  # fmt: skip
def test_clipping_is_worked_by_hand_to_the_last_digits(clip, left):
    own = {
        "a": torch.zeros(2, dtype=torch.float64, requires_grad=True),
        "b": torch.zeros(1, dtype=torch.float64, requires_grad=True),
    }
    optimizer = make_optimizer(OPTIMIZERS["SGD"](learning_rate=1.0, **clip), own)
    take(optimizer, own, {"a": [3.0, 4.0], "b": [2.4]}, 1.0)
    for name, value in left.items():
        np.testing.assert_allclose(-own[name].detach().numpy(), value, rtol=1e-14)


def test_parameters_that_are_one_weight_are_clipped_as_one():
    """As a GRU's two biases, which Keras has in one array."""
    own = {
        name: torch.zeros(size, dtype=torch.float64, requires_grad=True)
        for name, size in (("a", 2), ("b", 1), ("c", 1))
    }
    schema = OPTIMIZERS["SGD"](learning_rate=1.0, clipnorm=5.0)
    optimizer = make_optimizer(schema, own, [("a", "c")])
    take(optimizer, own, {"a": [6.0, 0.0], "b": [10.0], "c": [8.0]}, 1.0)
    for name, value in {"a": [3.0, 0.0], "b": [5.0], "c": [4.0]}.items():
        np.testing.assert_allclose(-own[name].detach().numpy(), value, rtol=1e-14)


def test_every_optimizer_of_the_catalogue_can_step_and_is_compared():
    assert set(OPTIMIZER_CLASSES) == {OPTIMIZERS[name] for name in OPTIMIZERS}
    assert set(CASES) == set(OPTIMIZERS)


@every_optimizer
def test_defaults_are_those_of_keras(name):
    theirs = getattr(keras.optimizers, name)().get_config()
    for field, value in OPTIMIZERS[name]().model_dump().items():
        assert theirs[field] == pytest.approx(value), field


@every_optimizer
def test_a_resumed_optimizer_goes_on_bit_for_bit(name):
    for params, dtype in product(CASES[name], (torch.float32, torch.float64)):
        with noted(params, dtype):
            resume(name, params, dtype)


def resume(name, params, dtype):
    schema = OPTIMIZERS[name].from_params(params)
    steps = list(gradients(steps=12))
    own = parameters(dtype)
    whole = make_optimizer(schema, own)
    for gradient in steps[:6]:
        take(whole, own, gradient, 0.01)
    copy = {key: value.detach().clone().requires_grad_() for key, value in own.items()}
    resumed = make_optimizer(schema, copy)
    resumed.load_state_dict({key: value.clone() for key, value in whole.state_dict().items()})
    for gradient in steps[6:]:
        take(whole, own, gradient, 0.01)
        take(resumed, copy, gradient, 0.01)
    assert all(torch.equal(own[key], copy[key]) for key in own)


# Whose next step depends on how many there were.
COUNTS = {"Adam", "AdamW", "Nadam", "Adamax"}


@every_optimizer
def test_every_piece_of_the_state_is_needed(name):
    """Leaving any slot at its start changes the steps that follow, at large or small gradients."""
    for params in CASES[name]:
        with noted(params):
            damage_each_slot(name, params)


def damage_each_slot(name, params):
    schema = OPTIMIZERS[name].from_params(params)
    own = parameters()
    first = make_optimizer(schema, own)
    steps = list(gradients(steps=20))
    for gradient in steps[:6]:
        take(first, own, gradient, 0.01)
    state = {key: value.clone() for key, value in first.state_dict().items()}
    fresh = make_optimizer(schema, parameters()).state_dict()

    def end(state, size):
        copy = {key: value.detach().clone().requires_grad_() for key, value in own.items()}
        optimizer = make_optimizer(schema, copy)
        optimizer.load_state_dict(state)
        for gradient in steps[6:]:
            take(optimizer, copy, {key: value * size for key, value in gradient.items()}, 0.01)
        return torch.cat([value.detach().flatten() for value in copy.values()])

    for key in state:
        if key != "iterations" or name in COUNTS:
            damaged = {**state, key: fresh[key]}
            assert any(
                not torch.equal(end(state, size), end(damaged, size)) for size in (10.0, 1e-4)
            ), key


def test_a_parameter_without_a_gradient_is_left_alone():
    own = parameters()
    before = own["bias"].detach().clone()
    optimizer = make_optimizer(OPTIMIZERS["AdamW"](), own)
    own["kernel"].grad = torch.ones_like(own["kernel"])
    optimizer.step(0.1)
    assert torch.equal(own["bias"], before)
    assert optimizer.iterations == 1


def test_a_state_that_does_not_fit_changes_nothing():
    optimizer = make_optimizer(OPTIMIZERS["Adam"](), parameters())
    state = optimizer.state_dict()
    with pytest.raises(ValueError, match="kernel/velocity"):
        optimizer.load_state_dict({k: v for k, v in state.items() if k != "kernel/velocity"})
    wrong = {**state, "scalar/velocity": torch.ones(2), "kernel/momentum": torch.ones(5, 3)}
    with pytest.raises(ValueError, match=r"scalar/velocity \(2,\)"):
        optimizer.load_state_dict(wrong)
    assert not optimizer.state_dict()["kernel/momentum"].any()


def test_a_gradient_that_is_no_number_is_not_hidden_by_clipping():
    own = parameters()
    optimizer = make_optimizer(OPTIMIZERS["SGD"](global_clipnorm=1.0), own)
    take(optimizer, own, {name: np.full(shape, np.nan) for name, shape in SHAPES.items()}, 0.1)
    assert own["kernel"].isnan().all()

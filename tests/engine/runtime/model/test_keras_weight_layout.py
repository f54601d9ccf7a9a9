"""Starting weights: Keras' distributions, a stream for each weight, and the way to torch and back.

The numbers differ from Keras' by design; what is compared is what they are drawn from.
"""

from __future__ import annotations

import tracemalloc
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from engine.core.tensor_spec import TensorSpec
from engine.layers import catalogue
from engine.layers.base import Layer, Layout, Weight
from engine.layers.dense import Embedding
from engine.layers.initializer import INITIALIZERS
from engine.runtime.model import keras_weight_layout
from engine.runtime.model.keras_weight_layout import (
    get_weight,
    initial_values,
    initialize_module,
    set_weight,
)
from tests.double import WITHOUT_A_TWIN, call, keras, twin
from tests.engine.runtime.small import network, node, project
from tests.tiers import noted

LARGE = (60, 300)
SPREAD = {
    "GlorotUniform": [{}],
    "GlorotNormal": [{}],
    "HeNormal": [{}],
    "HeUniform": [{}],
    "LecunNormal": [{}],
    "LecunUniform": [{}],
    "RandomNormal": [{}, {"mean": 1.0, "stddev": 0.3}],
    "RandomUniform": [{}, {"minval": -0.3, "maxval": 0.9}, {"minval": 0.3, "maxval": -0.1}],
    "TruncatedNormal": [{}, {"mean": -2.0, "stddev": 0.7}],
    "VarianceScaling": [{}, *(
        {"scale": 3.0, "mode": mode, "distribution": distribution}
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in ("truncated_normal", "untruncated_normal", "uniform")
    )],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _keras_draws_the_same_every_time():
    keras.utils.set_random_seed(0)


def weight(initializer, shape=LARGE, **params):
    return Weight("kernel", shape, INITIALIZERS.parse(named(initializer, **params)), ())


def named(kind, **params):
    return {"kind": kind, "params": params} if params else kind


def ours(initializer, shape=LARGE, seed=1, **params):
    return initial_values(weight(initializer, shape, **params), seed, "node/kernel")


def theirs(initializer, shape=LARGE, **params):
    return getattr(keras.initializers, initializer)(**params)(shape).detach().numpy()


def alike(mine, keras_own):
    """Assert that both are drawn from one distribution, as far as so many values can tell."""
    scale = keras_own.std()
    noise = 6 / np.sqrt(mine.size)
    assert mine.shape == keras_own.shape
    assert mine.mean() == pytest.approx(keras_own.mean(), abs=scale * noise)
    assert mine.std() == pytest.approx(scale, rel=noise)
    assert apart(mine, keras_own) < 1.95 * np.sqrt(2 / mine.size)  # one in a thousand by chance


def apart(one, other):
    """Return the largest distance between two distributions (Kolmogorov and Smirnov)."""
    one, other = np.sort(one, axis=None), np.sort(other, axis=None)
    both = np.concatenate([one, other])
    shares = [np.searchsorted(side, both, side="right") / side.size for side in (one, other)]
    return np.abs(shares[0] - shares[1]).max()


# Initialisers


def test_every_initialiser_is_compared():
    """Those without chance or with rows and columns are, further down."""
    others = ["Zeros", "Ones", "Constant", "Identity", "Orthogonal"]
    assert sorted(INITIALIZERS[name].__name__ for name in INITIALIZERS) == sorted(
        [*SPREAD, *others]
    )


# A Dense, a Conv1D, a Conv2D, an Embedding, a bias: how many inputs and outputs each has differs.
@pytest.mark.parametrize("initializer", SPREAD)
def test_values_spread_as_in_keras(initializer):
    shapes = [LARGE, (3, 40, 100), (3, 3, 20, 60), (400, 30), (5000,)]
    cases = [*product([{}], shapes), *product(SPREAD[initializer][1:], [LARGE])]
    for params, shape in cases:
        with noted(params, shape):
            mine, keras_own = (
                ours(initializer, shape, **params),
                theirs(initializer, shape, **params),
            )
            alike(mine, keras_own)
            if "Uniform" in initializer or (initializer == "TruncatedNormal" and not params):
                for limit in (np.min, np.max):
                    near = 0.02 * float(np.abs(keras_own).max())
                    assert limit(mine) == pytest.approx(limit(keras_own), abs=near)


@pytest.mark.parametrize(
    ("initializer", "params"),
    [("Zeros", {}), ("Ones", {}), ("Constant", {"value": 0.3}), ("Identity", {"gain": 2.0})],
)
def test_values_without_chance_are_equal(initializer, params):
    for shape in [(7, 7), (3, 5), (5, 3)]:
        mine, keras_own = ours(initializer, shape, **params), theirs(initializer, shape, **params)
        np.testing.assert_allclose(mine, keras_own, rtol=1e-7)


@pytest.mark.parametrize("shape", [(6, 6), (4, 9), (9, 4), (3, 5, 20)])
def test_orthogonal_weights_are_orthogonal_along_the_shorter_side(shape):
    for values in (ours("Orthogonal", shape, gain=2.0), theirs("Orthogonal", shape, gain=2.0)):
        flat = values.reshape(-1, shape[-1])
        products = flat @ flat.T if len(flat) <= shape[-1] else flat.T @ flat
        np.testing.assert_allclose(products, 4 * np.eye(len(products)), atol=1e-5)


def test_entries_of_orthogonal_weights_spread_as_in_keras():
    mine = np.stack([ours("Orthogonal", (5, 4), seed=seed) for seed in range(300)])
    alike(mine, np.stack([theirs("Orthogonal", (5, 4), seed=seed) for seed in range(300)]))


def test_orthogonal_weights_have_no_favourite_sign():
    diagonal = [ours("Orthogonal", (2, 2), seed=seed)[0, 0] for seed in range(400)]
    assert abs(np.mean(diagonal)) < 0.15
    assert (np.array(diagonal) > 0).mean() == pytest.approx(0.5, abs=0.1)


# Whole layers


LAYERS = {
    "Dense": ("Dense", {"units": 300}, (80,)),
    "Embedding": ("Embedding", {"input_dim": 200, "output_dim": 100}, ()),
    "Conv1D": ("Conv1D", {"filters": 80, "kernel_size": 5}, (20, 40)),
    "Conv2D": ("Conv2D", {"filters": 60, "kernel_size": 3}, (8, 8, 30)),
    "Conv1DTranspose": ("Conv1DTranspose", {"filters": 80, "kernel_size": 5}, (20, 40)),
    "SeparableConv1D": ("SeparableConv1D", {"filters": 90, "kernel_size": 7}, (20, 300)),
    "SimpleRNN": ("SimpleRNN", {"units": 80}, (5, 60)),
    "LSTM": ("LSTM", {"units": 60}, (5, 60)),
    "GRU": ("GRU", {"units": 60}, (5, 60)),
    "BatchNormalization": ("BatchNormalization", {}, (5, 60)),
    "LayerNormalization": ("LayerNormalization", {}, (5, 60)),
    "MultiHeadAttention": ("MultiHeadAttention", {"num_heads": 6, "key_dim": 20}, (5, 90)),
    "Bidirectional": (
        "Bidirectional", {"layer": {"kind": "LSTM", "params": {"units": 60}}}, (5, 60)
    ),
    "Conv2DTranspose": ("Conv2DTranspose", {"filters": 60, "kernel_size": 3}, (8, 8, 30)),
    "PReLU": ("PReLU", {"alpha_initializer": "glorot_uniform"}, (60, 300)),
    "Attention": ("Attention", {"use_scale": True}, (5, 60)),
}  # fmt: skip
SEVERAL = ("MultiHeadAttention", "Attention")


def test_every_layer_that_has_weights_is_compared():
    own = {
        kind for kind, cls in catalogue.layer_classes().items() if cls.weights is not Layer.weights
    }
    assert own - WITHOUT_A_TWIN.keys() == set(LAYERS)


@pytest.mark.parametrize("case", LAYERS)
def test_every_weight_of_a_layer_starts_as_in_keras(case):
    """Fans count here: what is an input and what an output of a kernel differs by layer."""
    kind, params, shape = LAYERS[case]
    layer = catalogue.parse_layer(kind, params)
    spec = TensorSpec(shape, "int32" if kind == "Embedding" else "float32")
    theirs = twin(layer)
    several = kind in SEVERAL
    given = torch.zeros((2, *shape), dtype=torch.int32 if kind == "Embedding" else torch.float32)
    call(theirs, layer, [given, given] if several else [given])
    mine = layer.weights(*([spec, spec] if several else [spec]))
    variables = [v for v in theirs.weights if "seed" not in v.path]
    for one, variable in zip(mine, variables, strict=True):
        values, keras_own = initial_values(one, 3, f"n/{one.name}"), variable.value.detach().numpy()
        if keras_own.std() == 0 or keras_own.ndim == 1:
            np.testing.assert_array_equal(values, keras_own, err_msg=one.name)
        else:
            alike(values, keras_own)


# Streams


def test_a_weight_depends_on_seed_and_name_alone():
    same = ours("GlorotUniform")
    assert np.array_equal(same, ours("GlorotUniform"))
    assert not np.array_equal(same, ours("GlorotUniform", seed=2))
    assert not np.array_equal(same, initial_values(weight("GlorotUniform"), 1, "other/kernel"))


@pytest.mark.parametrize(
    "initializer", ["GlorotUniform", "RandomNormal", "TruncatedNormal", "Zeros"]
)
def test_a_weight_is_the_same_wherever_it_is_drawn(initializer):
    room = np.empty((300, 300), np.float32)
    one = weight(initializer, room.shape)
    drawn = initial_values(one, 3, "node/kernel", room.dtype, room)
    assert np.array_equal(
        drawn.astype("f4"), initial_values(one, 3, "node/kernel", "f4").astype("f4")
    )
    assert (drawn is room) == (initializer in ("GlorotUniform", "RandomNormal"))


def test_a_large_table_is_drawn_where_it_lies():
    table = nn.Embedding(20_000, 64)
    before = table.weight.detach().clone()
    (told,) = Embedding(input_dim=20_000, output_dim=64).weights(TensorSpec((4,), "int32"))
    tracemalloc.start()
    initialize_module(table, [told], 1, "words")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not torch.equal(table.weight, before)
    assert most < table.weight.nbytes / 4  # no more than some thousand values at a time


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_several_threads_draw_what_one_would(threads, monkeypatch):
    monkeypatch.setattr(keras_weight_layout, "_MIN_PARALLEL_SIZE", 1)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    one = weight("RandomUniform", (3, 70_001), minval=-2, maxval=1)
    found = initial_values(one, 3, "node/kernel", "f8")
    stream = keras_weight_layout._generator(3, "node/kernel:0")
    assert np.array_equal(found, stream.uniform(-2, 1, found.shape))


def test_a_seed_of_its_own_frees_a_weight_from_the_runs_seed():
    own = [ours("GlorotUniform", seed=seed) for seed in (1, 2)]
    assert not np.array_equal(*own)
    made = [initial_values(weight("GlorotUniform", seed=7), seed, "node/kernel") for seed in (1, 2)]
    assert np.array_equal(*made)


def chain(*names):
    nodes, before = [node("x", "Input", shape=[3])], "x"
    for name in names:
        nodes.append(node(name, "Dense", before, units=3))
        before = name
    return project(*nodes, node("y", "Output", before, loss="mse"))


def test_adding_or_moving_a_layer_leaves_the_other_weights_as_they_were():
    one = network(chain("a", "b")).get_weights()
    for names in (("a", "new", "b"), ("b", "a"), ("a", "b", "c")):
        other = network(chain(*names)).get_weights()
        for name, value in one.items():
            assert np.array_equal(value, other[name]), name


def test_layers_of_one_shape_start_differently():
    values = network(chain("a", "b")).get_weights()
    assert not np.array_equal(values["a/kernel"], values["b/kernel"])


def test_torchs_own_generator_plays_no_part():
    torch.manual_seed(1)
    one = network(chain("a")).get_weights()
    torch.manual_seed(2)
    two = network(chain("a")).get_weights()
    assert np.array_equal(one["a/kernel"], two["a/kernel"])


# Layouts


@given(
    st.permutations([0, 1, 2]),
    st.sampled_from([(), (1, 0, 2), (2, 1, 0)]),
    st.booleans(),
)
def test_values_survive_the_way_to_torch_and_back(axes, blocks, rows):
    """Whatever the order of axes and blocks, and where one of Keras' rows goes by itself."""
    keras_shape = (6, 12, 18)
    torch_shape = [keras_shape[axis] for axis in axes]
    names = ["one", "two"] if rows else ["one"]
    module = nn.Module()
    for name in names:
        module.register_parameter(name, nn.Parameter(torch.zeros(torch_shape)))
    layouts = tuple(
        Layout(name, tuple(axes), blocks, row if rows else None) for row, name in enumerate(names)
    )
    shape = (2, *keras_shape) if rows else keras_shape
    own = Weight("kernel", shape, INITIALIZERS.parse("zeros"), layouts)
    value = np.random.default_rng(0).normal(size=shape).astype("float32")
    set_weight(module, own, value)
    assert np.array_equal(get_weight(module, own), value)

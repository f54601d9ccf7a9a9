"""MultiHeadAttention and Attention look where Keras' do, and mix what Keras' mix."""

from __future__ import annotations

import copy
from itertools import product

import numpy as np
import pytest
import torch

from engine.compile.recorder import RecordedExpression, RecordedModules, to_source
from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.attention import Attention, MultiHeadAttention
from engine.layers.base import Port
from engine.layers.initializer import FlattenedInitializer, GlorotUniform, Orthogonal
from tests.double import keras
from tests.engine.layers.against_keras import Ours, Pair
from tests.tiers import noted

QUERY, VALUE = TensorSpec((4, 6)), TensorSpec((5, 3))
OPTIONS = [{}, {"dropout": 0.3}, {"sliding_window": 2, "use_gate": True, "value_dim": 5}]


@pytest.mark.slow
@pytest.mark.parametrize(
    "masked",
    [(False, True), (True, False), (True, True), (False, False, True), (True, True, True)],
    ids=str,
)
def test_masks_of_some_inputs_are_combined_as_in_keras(masked):
    lengths = (4, 5, 5)
    specs = tuple(TensorSpec((n, 6), mask=each) for n, each in zip(lengths, masked, strict=False))
    for causal, options in product([False, True], OPTIONS):
        with noted(causal, options):
            Pair(MultiHeadAttention(2, 4, use_causal_mask=causal, **options), specs).agree()
    for causal, score in product([False, True], ["dot", "concat"]):
        with noted(causal, score):
            Pair(Attention(True, score, use_causal_mask=causal), specs).agree()


def test_kernels_start_as_wide_as_in_keras():
    theirs = keras.layers.MultiHeadAttention(8, 16, value_dim=32, output_shape=64)
    theirs.build((None, 4, 48), (None, 5, 24))
    layer = MultiHeadAttention(8, 16, value_dim=32, output_shape=64)
    kernels = layer.weights(TensorSpec((4, 48)), TensorSpec((5, 24)))[::2]
    for weight, variable in zip(kernels, theirs.weights[::2], strict=True):
        (draw,) = weight.initializer.draws(weight.shape)
        values = variable.value.detach().numpy()
        assert draw.shape == weight.shape
        assert draw.kind == "uniform"
        assert np.abs(values).max() <= draw.b
        assert np.abs(values).max() > 0.99 * draw.b


def test_only_scaling_initialisers_count_axes():
    (draw,) = FlattenedInitializer(inner=GlorotUniform(seed=3), inputs=2).draws((2, 3, 4))
    assert (draw.shape, draw.seed) == ((2, 3, 4), 3)
    assert draw.b == GlorotUniform().draws((6, 4))[0].b
    shape = (2, 3, 4)
    assert FlattenedInitializer(inner=Orthogonal(), inputs=1).draws(shape) == Orthogonal().draws(
        shape
    )


@pytest.mark.parametrize("kind", [MultiHeadAttention, Attention])
def test_the_key_may_stay_unwired(kind):
    assert kind.ports() == (Port("query"), Port("value"), Port("key", optional=True))


@pytest.mark.parametrize("layer", [MultiHeadAttention(2, 4), Attention()], ids=str)
def test_only_the_mask_of_the_query_goes_on(layer):
    masked = TensorSpec((4, 6), mask=True)
    assert layer.produces_mask(masked, QUERY)
    assert not layer.produces_mask(QUERY, masked)
    first, second = torch.ones(1, 4), torch.zeros(1, 4)
    assert layer.compute_mask(torch, None, None, masks=(first, second)) is first


def test_dropout_follows_torchs_generator_or_a_stream_of_its_own():
    for kind, seed in ((MultiHeadAttention, None), (MultiHeadAttention, 3), (Attention, 3)):
        sizes = {"num_heads": 2, "key_dim": 4} if kind is MultiHeadAttention else {}
        module = Ours(kind(dropout=0.5, seed=seed, **sizes), QUERY, QUERY).module
        x, again = torch.randn(2, 4, 6, dtype=torch.float64), copy.deepcopy(module)
        torch.manual_seed(1)
        one, two = module(x, x), module(x, x)
        torch.manual_seed(1 if seed is None else 2)
        assert torch.equal(one, again(x, x))
        assert not torch.equal(one, two)
        module.eval()
        assert torch.equal(module(x, x), module(x, x))


@pytest.mark.parametrize(
    ("layer", "specs", "code", "port"),
    [
        (Attention(), (QUERY, VALUE), "shapes-differ", "value"),
        (Attention(), (QUERY, VALUE, VALUE), "shapes-differ", "key"),
        (Attention(), (QUERY, TensorSpec((6,))), "wrong-rank", "value"),
        (MultiHeadAttention(2, 4), (TensorSpec((4, 4, 6)), VALUE), "wrong-rank", "query"),
        (MultiHeadAttention(2, 4), (QUERY, VALUE, QUERY), "shapes-differ", "key"),
        (
            MultiHeadAttention(2, 4),
            (QUERY, TensorSpec((5, DynamicLength("x", 1)))),
            "free-axis",
            "value",
        ),
    ],
)
def test_inputs_that_do_not_fit_are_refused(layer, specs, code, port):
    with pytest.raises(LayerError) as caught:
        layer.infer(*specs)
    (found,) = caught.value.diagnostics
    assert (found.code, found.port) == (code, port)
    assert found.fixes


def test_free_lengths_and_costs():
    free = TensorSpec((DynamicLength("words"), 6))
    layer = MultiHeadAttention(2, 4, output_shape=3)
    assert layer.infer(free, VALUE).shape == (DynamicLength("words"), 3)
    cost = layer.cost(QUERY, VALUE)
    maps = 4 * 6 * 8 + 5 * 3 * 8 + 5 * 3 * 8 + 4 * 8 * 3
    assert cost.multiply_adds == maps + 4 * 5 * 2 * (4 + 4)
    assert Attention().cost(QUERY, QUERY).multiply_adds == 4 * 4 * (6 + 6)


def test_the_written_source_names_only_what_is_wired_and_masked():
    layer = MultiHeadAttention(2, 4, use_causal_mask=True)
    nn = RecordedModules(frozenset(["MultiHeadAttention"]))
    built = to_source(layer.build(nn, QUERY, VALUE))
    assert built == "MultiHeadAttention((6, 3, 3), (6,), 2, 4, use_causal_mask=True)"
    q, v, mask = RecordedExpression("q"), RecordedExpression("v"), RecordedExpression("v_mask")
    call = layer.call(None, RecordedExpression("self.look"), q, v, None, mask=(None, mask, None))
    assert to_source(call) == "self.look(q, v, value_mask=v_mask)"

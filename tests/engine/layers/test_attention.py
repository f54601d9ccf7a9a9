"""MultiHeadAttention and Attention look where Keras' do, and mix what Keras' mix."""

from __future__ import annotations

import copy
from itertools import product

import numpy as np
import pytest
import torch
from against_keras import Ours, agree, spec_of, tensor
from keras.src.backend import set_keras_mask

from engine.compile.recorder import RecordedExpression, RecordedModules, to_source
from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.attention import Attention, MultiHeadAttention
from engine.layers.base import Port
from engine.layers.initializer import FlattenedInitializer, GlorotUniform, Orthogonal
from tests.double import keras

QUERY, VALUE = TensorSpec((4, 6)), TensorSpec((5, 3))
ROWS = {
    "query": [[1, 1, 1, 0], [1, 1, 1, 1]],
    "value": [[1, 1, 0, 1, 0], [1, 1, 1, 1, 1]],
    "key": [[0, 1, 1, 1, 1], [1, 1, 1, 1, 0]],
}
MASKED = [
    (),
    ("query",),
    ("value",),
    ("query", "value"),
    ("key",),
    ("query", "value", "key"),
]
OPTIONS = [{}, {"dropout": 0.3}, {"sliding_window": 2, "use_gate": True, "value_dim": 5}]

every_masked = pytest.mark.parametrize("masked", MASKED, ids="-".join)


def mask_of(name: str, masked: tuple[str, ...]) -> torch.Tensor | None:
    return torch.tensor(ROWS[name], dtype=torch.bool) if name in masked else None


def arrays(key: bool, size: int = 3) -> list[np.ndarray]:
    random = np.random.default_rng(5)
    shapes = [(2, 4, 6), (2, 5, 3), (2, 5, size)]
    return [random.normal(size=shape) for shape in shapes[: 3 if key else 2]]


class Spread:
    """Calls Keras' layer with its inputs one by one, their masks fastened to them."""

    def __init__(self, layer: keras.layers.Layer, masks: tuple, **known) -> None:
        self.layer, self.masks, self.known = layer, masks, known

    def __getattr__(self, name):
        return getattr(self.layer, name)

    def __call__(self, fed, **known):
        for each, mask in zip(fed, self.masks, strict=False):
            set_keras_mask(each, mask)
        return self.layer(*fed, **self.known, **known)


@every_masked
def test_many_heads_combine_masks_as_keras_does(masked):
    masks = tuple(mask_of(name, masked) for name in ROWS)
    for causal, options in product([False, True], OPTIONS):
        theirs = keras.layers.MultiHeadAttention(2, 4, dtype="float64", **options)
        layer = MultiHeadAttention(2, 4, use_causal_mask=causal, **options)
        key = "key" in masked or bool(options.get("value_dim"))
        spread = Spread(theirs, masks, use_causal_mask=causal)
        agree(layer, spread, *arrays(key), mask=masks, rtol=1e-10)


@pytest.mark.parametrize("causal", [False, True], ids=["", "causal"])
@pytest.mark.parametrize("key", [False, True], ids=["", "key"])
@pytest.mark.parametrize("masked", MASKED[:4], ids="-".join)
def test_attention_combines_masks_as_keras_does(masked, key, causal):
    scale, score = key, "concat" if causal else "dot"
    masks = [mask_of(name, masked) for name in ROWS]
    layer = Attention(scale, score, use_causal_mask=causal)
    theirs = keras.layers.Attention(scale, score, dtype="float64")
    fed = arrays(True, size=6) if key else [arrays(False)[0], arrays(True, size=6)[2]]
    inputs, twins = [tensor(each) for each in fed], [tensor(each) for each in fed]
    ours = Ours(layer, *(spec_of(each) for each in fed))
    theirs.build([tuple(each.shape) for each in fed])
    values = [np.asarray(0.7), np.asarray(-0.4)][: len(ours.weights)]
    ours.set_weights(values)
    for variable, value in zip(theirs.weights, values, strict=True):
        variable.value.data.fill_(float(value))
    known = {"mask": masks[: len(fed)]} if masked else {}
    got = ours(*inputs, mask=tuple(masks[: len(fed)]))
    want = theirs(twins, use_causal_mask=causal, **known)
    pull = torch.from_numpy(np.random.default_rng(1).normal(size=tuple(got.shape)))
    (got * pull).sum().backward()
    (want * pull).sum().backward()
    trained = dict(ours.module.named_parameters()) if values else {}
    pairs = [(got, want), *((x.grad, twin.grad) for x, twin in zip(inputs, twins, strict=True))]
    pairs += [(trained[v.name].grad, v.value.grad) for v in theirs.weights]
    for mine, other in pairs:
        torch.testing.assert_close(mine, other, rtol=1e-10, atol=1e-10)


def test_a_query_that_may_look_nowhere_gets_a_number():
    masks = (None, torch.zeros(2, 5, dtype=torch.bool), None)
    for options in ({}, {"dropout": 0.3}):
        theirs = Spread(keras.layers.MultiHeadAttention(2, 4, dtype="float64", **options), masks)
        agree(MultiHeadAttention(2, 4, **options), theirs, *arrays(False), mask=masks, rtol=1e-10)


@pytest.mark.parametrize("use_gate", [False, True])
def test_weights_have_keras_names_and_shapes(use_gate):
    theirs = keras.layers.MultiHeadAttention(2, 4, value_dim=5, use_gate=use_gate)
    theirs.build((None, 4, 6), (None, 5, 3))
    layer = MultiHeadAttention(2, 4, value_dim=5, use_gate=use_gate)
    ours = layer.weights(QUERY, VALUE)
    assert [weight.shape for weight in ours] == [tuple(v.shape) for v in theirs.weights]
    names = ["/".join(variable.path.split("/")[-2:]) for variable in theirs.weights]
    assert [weight.name for weight in ours] == names
    assert sum(weight.size for weight in ours) == theirs.count_params()
    assert [weight.name for weight in Attention(True, "concat").weights(QUERY, QUERY)] == [
        "scale",
        "concat_score_weight",
    ]


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


def test_float32_runs_too():
    for layer in (MultiHeadAttention(2, 4), Attention()):
        module = Ours(layer, QUERY, QUERY).module.float()
        mask = torch.tensor(ROWS["query"], dtype=torch.bool)
        x = torch.randn(2, 4, 6)
        assert module(x, x, value_mask=mask).dtype == torch.float32

"""Embeddings of numbers equal NumPy's formulas, and do what they promise."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.func import functional_call

import engine
from engine import layers
from engine.check.report import check
from engine.core.tensor_spec import TensorSpec
from engine.data.encoders.base import PortRequirement
from engine.data.encoders.number import NumberFitter
from engine.graph.edits.registry import apply_edit
from engine.layers.numeric_embeddings import (
    FeatureTokenizer,
    PeriodicEmbedding,
    PiecewiseLinearEncoding,
)
from engine.recipe.encoding import Number
from engine.runtime.model.torch_compile import compile_network
from tests.engine.layers.around import build
from tests.engine.runtime.small import network, node, project
from tests.tiers import cases, noted

RNG = np.random.default_rng(0)
SIZES = st.integers(1, 5)
BESIDE = (node("head", "Dense", "e", units=1), node("y", "Output", "head", loss="mse"))


def periodic(layer, x, frequencies, phases, kernel, bias):
    waves = np.cos(2 * np.pi * (x[..., None] * frequencies + phases))
    return np.concatenate([x[..., None], (waves[..., None] * kernel).sum(-2) + bias], -1)


def piecewise(layer, x):
    """The definition by cases of arXiv:2203.05556."""
    edges = np.linspace(layer.low, layer.high, layer.bins + 1)
    entries = []
    for t in range(1, layer.bins + 1):
        inside = (x - edges[t - 1]) / (edges[t] - edges[t - 1])
        below, above = (x < edges[t - 1]) & (t > 1), (x >= edges[t]) & (t < layer.bins)
        entries.append(np.where(below, 0, np.where(above, 1, inside)))
    return np.stack(entries, -1)


def tokens(layer, x, kernel, bias, token=None):
    rows = [[value * k + b for value, k, b in zip(row, kernel, bias, strict=True)] for row in x]
    return np.array(rows if token is None else [[token[0], *row] for row in rows])


PERIODIC = st.builds(PeriodicEmbedding, output_dim=st.integers(2, 5), frequencies=SIZES)
PIECEWISE = st.builds(
    PiecewiseLinearEncoding, st.integers(2, 6), st.floats(-3, -0.1), st.floats(0.1, 3)
)
TOKENS = st.builds(FeatureTokenizer, output_dim=SIZES, class_token=st.booleans())
ANY_RANK, ROW = st.lists(SIZES, min_size=1, max_size=3), st.lists(SIZES, min_size=1, max_size=1)
KINDS = {
    "periodic": (periodic, PERIODIC, ANY_RANK),
    "piecewise": (piecewise, PIECEWISE, ANY_RANK),
    "tokens": (tokens, TOKENS, ROW),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=cases(15, 100), deadline=None)
@given(st.data())
def test_values_are_those_of_numpy_in_the_inferred_shape(kind, data):
    expected, drawn, shapes = KINDS[kind]
    layer, shape = data.draw(drawn), tuple(data.draw(shapes))
    spec = TensorSpec(shape)
    _, net = build(layer, (spec,))
    weights = net.get_weights()
    own = {name: RNG.normal(size=w.shape) for name, w in weights.items() if "subject" in name}
    net.set_weights({**weights, **own})
    x = RNG.normal(size=(3, *shape))
    inputs = {"x0": torch.from_numpy(x), "beside": torch.zeros(3, 2).double()}
    found = net(inputs)["out0"].detach().numpy()
    ordered = (own[f"subject/{weight.name}"] for weight in layer.weights(spec))
    np.testing.assert_allclose(found, expected(layer, x, *ordered), rtol=1e-9, atol=1e-9)
    assert found.shape == (3, *layer.infer(spec).shape)


@pytest.mark.parametrize(
    "layer",
    [PeriodicEmbedding(3, 2), FeatureTokenizer(3), FeatureTokenizer(2, False)],
    ids=str,
)
def test_gradients_are_those_of_finite_differences(layer):
    _, net = build(layer, (TensorSpec((2,)),))
    beside = torch.zeros(3, 2).double()
    names, values = zip(*net.named_parameters(), strict=True)

    def outputs(x, *parameters):
        given = {"x0": x, "beside": beside}
        return functional_call(net, dict(zip(names, parameters, strict=True)), (given,))["out0"]

    x = torch.from_numpy(RNG.normal(size=(3, 2))).requires_grad_()
    assert torch.autograd.gradcheck(outputs, (x, *values))


LAYERS = [PeriodicEmbedding(), PiecewiseLinearEncoding(5), FeatureTokenizer(3)]


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_a_trained_model_predicts_the_same_when_it_is_saved_and_loaded(layer, tmp_path):
    x = engine.Input(shape=(3,), name="x")
    embedded = type(layer)(**layer.params())(x)
    model = engine.Model(x, layers.Dense(1, name="y")(layers.Flatten()(embedded)))
    model.compile("adam", "mse")
    rows = RNG.normal(size=(20, 3)).astype("float32")
    model.fit(rows, rows[:, :1], epochs=2, verbose=0)
    model.save(tmp_path / "m.loom.json")
    model.save_weights(tmp_path / "m.safetensors")
    again = engine.load(tmp_path / "m.loom.json")
    again.load_weights(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(again.predict(rows, verbose=0), model.predict(rows, verbose=0))


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_batches_of_any_size_are_computed_with_the_same_graph(layer):
    plain, net = (
        network(project(node("x", "Input", shape=[3]), node("e", layer.kind(), "x",
                **layer.params()), node("flat", "Flatten", "e"),
                node("head", "Dense", "flat", units=1), node("y", "Output", "head", loss="mse")))
        for _ in range(2)
    )  # fmt: skip
    graphs = []
    compile_network(net, backend=lambda graph, _: graphs.append(graph) or graph.forward)
    for rows in (4, 7, 2):
        x = {"x": torch.randn(rows, 3)}
        torch.testing.assert_close(net(x), plain(x))
    assert len(graphs) == 1


@pytest.mark.parametrize("bins", [16, 48])
def test_bins_of_ranked_numbers_hold_equal_numbers_of_training_rows(bins):
    layer = PiecewiseLinearEncoding(bins)
    for name in ("lognormal", "standard_cauchy", "normal"):
        with noted(name):
            column = getattr(RNG, name)(size=4_800)
            fitter = NumberFitter(Number(scale="quantile"), PortRequirement())
            fitter.add(column)
            ranked = fitter.finish().transform(column, "x")
            encoded = layer.call(torch, torch.from_numpy(ranked))
            counts = np.bincount((encoded[:, :-1] >= 1).sum(-1).numpy(), minlength=bins)
            np.testing.assert_allclose(counts, 4_800 / bins, rtol=0.1)


def errors(*nodes):
    given = project(*nodes, *BESIDE)
    return given, check(given).errors


EMBEDDED = ("PeriodicEmbedding", "PiecewiseLinearEncoding", "FeatureTokenizer")


@pytest.mark.parametrize("kind", EMBEDDED)
def test_an_unknown_number_of_features_is_refused_and_a_fixed_length_accepted(kind):
    params = {"output_dim": 4} if kind == "FeatureTokenizer" else {}
    for shape in ([None], [5]):
        _, found = errors(node("x", "Input", shape=shape), node("e", kind, "x", **params))
        assert [each.code for each in found] == (["free-axis"] if shape == [None] else [])
        assert all("fixed length" in each.fixes[0].text for each in found)


WRONG = {
    "low above high": ("PiecewiseLinearEncoding", [2], {"low": 3.0}, "params-clash"),
    "low equals high": ("PiecewiseLinearEncoding", [2], {"low": 1.0, "high": 1.0}, "params-clash"),
    "no features": ("PeriodicEmbedding", [], {}, "wrong-rank"),
    "features of steps": ("FeatureTokenizer", [5, 2], {"output_dim": 4}, "wrong-rank"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_found_and_its_fix_corrects_it(case):
    kind, shape, params, code = WRONG[case]
    given, (found,) = errors(node("x", "Input", shape=shape), node("e", kind, "x", **params))
    assert (found.code, found.node) == (code, "e")
    assert not check(apply_edit(given, found.fixes[0].edit)).errors


def fitted_error(x, y, *between):
    """Return the error of a network with some layers and two Dense layers, after its training."""
    tensor = source = engine.Input(shape=(1,), name="x")
    for layer in (*between, layers.Dense(16, activation="relu"), layers.Dense(1, name="y")):
        tensor = layer(tensor)
    model = engine.Model(source, tensor)
    model.compile(engine.optimizers.Adam(0.02), "mse")
    model.fit(x, y, batch_size=64, epochs=30, verbose=0)
    return float(np.square(model.predict(x, verbose=0) - y).mean())


def test_periodic_embeddings_fit_what_changes_abruptly_better_than_numbers_do():
    x = RNG.uniform(-1.7, 1.7, (512, 1)).astype("float32")
    y = np.sign(np.sin(8 * x))
    embedded = fitted_error(x, y, layers.PeriodicEmbedding(stddev=1.0), layers.Flatten())
    assert embedded < 0.5 * fitted_error(x, y)


def test_one_dense_after_a_piecewise_linear_encoding_is_any_piecewise_linear_function():
    layer = PiecewiseLinearEncoding(8, -2.0, 2.0)
    x = RNG.uniform(-2, 2, 200)
    y = np.interp(x, np.linspace(-2, 2, 9), RNG.normal(size=9))
    encoded = layer.call(torch, torch.from_numpy(x)).numpy()
    design = np.column_stack([encoded, np.ones(len(x))])
    kernel, *_ = np.linalg.lstsq(design, y, rcond=None)
    np.testing.assert_allclose(design @ kernel, y, atol=1e-9)


def test_the_class_token_reads_the_whole_row_by_attention_only():
    def gradient(*between):
        nodes = [
            node("x", "Input", shape=[4]),
            node("t", "FeatureTokenizer", "x", output_dim=8),
            *between,
            node("first", "Cropping1D", between[-1]["name"] if between else "t", cropping=[0, 4]),
            node("e", "Flatten", "first"),
        ]
        x = torch.ones(1, 4, requires_grad=True)
        network(project(*nodes, *BESIDE))({"x": x})["y"].sum().backward()
        return x.grad

    attention = {"query": "t", "value": "t"}
    assert gradient(node("look", "MultiHeadAttention", attention, num_heads=2, key_dim=4)).all()
    assert not gradient().any()

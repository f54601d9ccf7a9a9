"""Differences from Keras (engine/KERAS.md): what the engine does, and what Keras does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

import engine
from engine.core.tensor_spec import TensorSpec
from engine.layers import catalogue
from engine.recipe.early_stopping_rule import EarlyStopping
from engine.recipe.recipe import Recipe
from engine.runtime.model.nn_namespace import NN_NAMESPACE
from tests.double import keras
from tests.engine.layers.around import build, inputs_for

OURS = SimpleNamespace(Input=engine.Input, Model=engine.Model, layers=engine.layers)
THEIRS = SimpleNamespace(Input=keras.Input, Model=keras.Model, layers=keras.layers)
KINDS = catalogue.layer_classes()

pytestmark = [
    pytest.mark.usefixtures("float64"),
    pytest.mark.filterwarnings("ignore::engine.core.symbolic.call_site.DiagnosticWarning"),
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def outputs(layer: Any, *specs: TensorSpec) -> tuple[Any, Any, dict[str, torch.Tensor]]:
    """Return the network around a layer, its forward pass, and what went in."""
    _, network = build(layer, specs)
    inputs = inputs_for(layer, specs)
    return network, network.forward_output(inputs), inputs


def test_a_file_holds_a_fifth_back_and_keeps_the_best_epoch_where_fit_does_not():
    assert Recipe().validation_split == 0.2
    rule = EarlyStopping()
    assert (rule.patience, rule.restore_best) == (5, True)
    theirs = keras.callbacks.EarlyStopping()
    assert (theirs.patience, theirs.restore_best_weights) == (0, False)
    points = engine.Input((2,))
    model = engine.Model(points, engine.layers.Dense(1)(points))
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(size=(20, 2))
    history = model.fit(x, x[:, :1], epochs=2, verbose=0)
    assert set(history.history) == {"loss"}, "nothing is held out, as in Keras"


def test_weighted_metrics_are_refused_by_name():
    points = engine.Input((2,))
    model = engine.Model(points, engine.layers.Dense(1)(points))
    with pytest.raises(engine.DiagnosticError, match="weighted_metrics"):
        model.compile("sgd", "mse", weighted_metrics=["mae"])


def test_a_vector_of_zeros_has_no_direction_and_no_gradient():
    """In Keras its gradient is NaN, or as large as one over the least length."""
    x = torch.zeros(2, 3, dtype=torch.float64, requires_grad=True)
    layer = KINDS["Dot"](-1, normalize=True)
    ones = torch.ones(2, 3, dtype=torch.float64)
    module = layer.build(NN_NAMESPACE, TensorSpec((3,)), TensorSpec((3,)))
    layer.call(torch, module, x, ones).sum().backward()
    assert torch.isfinite(x.grad).all()
    points = engine.Input((2,))
    dense = engine.layers.Dense(3, kernel_initializer="zeros", name="y")
    model = engine.Model(points, dense(points))
    model.compile("sgd", "cosine_similarity", precision="float64")
    scores = model.train_on_batch(np.ones((4, 2)), np.ones((4, 3)))
    assert float(scores) == 0
    assert all(np.isfinite(array).all() for array in model.get_weights())


def test_a_batch_normalization_called_twice_counts_in_the_order_of_the_drawing():
    """Keras goes by depth: what is farther from the outputs counts first."""
    models = []
    for k in (OURS, THEIRS):
        left, right = k.Input((2,), name="left"), k.Input((2,), name="right")
        norm = k.layers.BatchNormalization(momentum=0.5, name="norm")
        near = norm(left)  # called first, and nearest to the output
        deep = k.layers.Dense(2, name="behind")(norm(right))
        joined = k.layers.concatenate([deep, near])
        models.append(k.Model([left, right], k.layers.Dense(1, name="y")(joined)))
    ours, theirs = models
    ours.compile("sgd", "mse", precision="float64")
    theirs.compile("sgd", "mse")
    ours.set_weights(theirs.get_weights())
    fed = [np.full((4, 2), 0.0), np.full((4, 2), 8.0)]
    for model in models:
        model.train_on_batch(fed, np.ones((4, 1)))
    # From 0, half a step to each mean: to 0 and then to 8, or to 8 and then to 0.
    assert ours.get_layer("norm").get_weights()[2] == pytest.approx([4, 4])
    assert theirs.get_layer("norm").get_weights()[2] == pytest.approx([2, 2])


def test_a_simple_rnn_pays_for_its_outputs():
    layer = KINDS["SimpleRNN"](3, activity_regularizer="l1")
    _, raw, _ = outputs(layer, TensorSpec((5, 2)))
    expected = 0.01 * raw.heads["out0"].abs().sum() / 4
    torch.testing.assert_close(raw.penalties["subject"], expected)
    theirs = keras.layers.SimpleRNN(3, activity_regularizer="l1")
    theirs(np.ones((4, 5, 2)))
    assert theirs.losses == []


def test_a_single_row_is_at_right_angles_to_all_others():
    layer = KINDS["Dense"](3, kernel_regularizer="orthogonal_regularizer")
    network, _, _ = outputs(layer, TensorSpec((1,)))
    assert network.penalties()["subject/kernel"].item() == 0
    theirs = keras.layers.Dense(3, kernel_regularizer="orthogonal_regularizer")
    theirs(np.ones((4, 1)))
    assert np.isnan(theirs.losses[0].item())


@pytest.mark.parametrize(
    ("layer", "spec"),
    [
        (KINDS["LayerNormalization"](1), TensorSpec((5, 3))),
        (KINDS["Conv2D"](1, 2), TensorSpec((5, 4, 3))),
        (KINDS["BatchNormalization"](), TensorSpec((5, 1), mask=True)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_keras_fails_at_on_torch_is_computed(layer, spec):
    network, raw, inputs = outputs(layer, spec)
    raw.heads["out0"].pow(2).sum().backward()
    trained = (
        [p.grad for p in network.get_submodule("subject").parameters()]
        if layer.weights(spec)
        else []
    )
    assert torch.isfinite(raw.heads["out0"]).all()
    assert all(torch.isfinite(grad).all() for grad in trained)


def test_a_second_attention_still_sees_the_mask_of_its_value():
    assert not _padding_is_seen(OURS)
    assert _padding_is_seen(THEIRS)


def _padding_is_seen(library: SimpleNamespace) -> bool:
    """Whether the vector of the padding changes what a second attention says of real words."""
    ids = library.Input((4,), dtype="int32")
    words = library.layers.Embedding(5, 6, mask_zero=True)(ids)
    once = library.layers.MultiHeadAttention(2, 3)(words, words)
    model = library.Model(ids, library.layers.MultiHeadAttention(2, 3)(once, words))
    rows = np.array([[1, 2, 0, 0]], "int32")
    before = model.predict(rows, verbose=0)
    weights = model.get_weights()
    next(table for table in weights if table.shape == (5, 6))[0] += 1
    model.set_weights(weights)
    return not np.allclose(before[:, :2], model.predict(rows, verbose=0)[:, :2])

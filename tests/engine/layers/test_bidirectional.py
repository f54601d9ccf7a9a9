"""Bidirectional joins two recurrent layers as Keras' does."""

from __future__ import annotations

import json

import pytest

from engine.compile.recorder import RecordedModules, to_source
from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.bidirectional import Bidirectional
from engine.layers.recurrent import GRU, LSTM, SimpleRNN
from tests.engine.layers.against_keras import Ours, Pair

X = TensorSpec((5, 3))


@pytest.mark.parametrize("turned", [False, True], ids=["usual", "turned"])
def test_a_backward_layer_of_its_own_is_keras(turned):
    forward = LSTM(4, return_sequences=True, go_backwards=turned)
    backward = GRU(2, return_sequences=True, go_backwards=not turned)
    layer = Bidirectional(forward, backward_layer=backward)
    Pair(layer, (TensorSpec((5, 3), mask=True),)).agree()
    assert layer.infer(X).shape == (5, 6)


def test_weights_are_named_as_in_keras_and_counted_once():
    weights = Bidirectional(SimpleRNN(4)).weights(X)
    arrays = ("kernel", "recurrent_kernel", "bias")
    assert [weight.name for weight in weights] == [
        f"{direction}_simple_rnn/{array}" for direction in ("forward", "backward")
        for array in arrays
    ]  # fmt: skip
    module = Ours(Bidirectional(LSTM(4)), X).module
    counted = sum(weight.size for weight in Bidirectional(LSTM(4)).weights(X))
    assert sum(parameter.numel() for parameter in module.parameters()) == counted


def test_masked_sequences_stay_masked_and_a_free_length_stays_free():
    layer = Bidirectional(GRU(4, return_sequences=True))
    assert layer.produces_mask(TensorSpec((5, 3), mask=True))
    assert not Bidirectional(GRU(4)).produces_mask(TensorSpec((5, 3), mask=True))
    assert layer.infer(TensorSpec((DynamicLength("x"), 3))).shape == (DynamicLength("x"), 8)
    assert layer.cost(X).multiply_adds == 2 * layer.layer.cost(X).multiply_adds


def test_a_file_spells_the_inner_layer_by_kind_and_params():
    params = {"layer": {"kind": "LSTM", "params": {"units": 4}}, "merge_mode": "sum"}
    layer = Bidirectional.from_params(json.loads(json.dumps(params)))
    assert layer == Bidirectional(LSTM(4), "sum")
    assert layer.params() == params


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ({"kind": "LSTN", "params": {"units": 4}}, "LSTN"),
        ({"kind": "Dense", "params": {"units": 4}}, "Dense"),
        ({"kind": "LSTM", "params": {"units": 0}}, "units"),
        ({"kind": "LSTM"}, "units"),
        (5, "is not the name of a recurrent layer"),
    ],
)
def test_a_wrong_inner_layer_is_a_diagnostic(inner, words):
    (found,) = Bidirectional.try_from_params({"layer": inner})
    assert found.code == "param-invalid"
    assert found.param == "layer"
    assert words in str(found)


@pytest.mark.parametrize(
    "layer",
    [
        Bidirectional(LSTM(4, go_backwards=True)),
        Bidirectional(LSTM(4), backward_layer=LSTM(4)),
        Bidirectional(LSTM(4), "sum", LSTM(2, go_backwards=True)),
        Bidirectional(LSTM(4), "sum", LSTM(4, go_backwards=True, return_state=True)),
    ],
    ids=["backward", "both forward", "units", "states"],
)
def test_two_layers_that_do_not_make_a_pair_are_refused(layer):
    with pytest.raises(LayerError) as caught:
        layer.infer(X)
    (found,) = caught.value.diagnostics
    assert found.code == "params-clash"
    assert found.fixes


def test_the_written_source_shows_both_directions():
    nn = RecordedModules(frozenset(["Bidirectional", "LSTM"]))
    built = to_source(Bidirectional(LSTM(4), "ave").build(nn, X))
    assert built == ('Bidirectional(LSTM(3, 4), LSTM(3, 4, go_backwards=True), merge_mode="ave")')

"""Layers called on symbolic tensors answer symbolic tensors, and refuse at the caller's line."""

from __future__ import annotations

import numpy as np
import pytest

from engine import DiagnosticError, Input, layers
from engine.core.symbolic.argument_binding import bind_arguments, to_plain_json
from engine.core.symbolic.tensor import SymbolicTensor, default_layer_name


def test_a_tensor_knows_shape_dtype_name_and_the_call_that_made_it():
    text = Input(shape=(None,), dtype="int32", name="text")
    words = layers.Embedding(100, 8, name="words", mask_zero=True)
    vectors = words(text)
    assert (text.shape, text.dtype, text.name) == ((None, None), "int32", "text")
    assert (vectors.shape, vectors.dtype, vectors.name) == ((None, None, 8), "float32", "words")
    assert vectors.spec.mask
    assert vectors.call.layer is words
    assert vectors.call.inputs == {"x": text}


def test_a_tensor_equals_itself_only():
    points = Input((4,))
    dense = layers.Dense(3)
    assert dense(points) != dense(points)
    assert len({dense(points), dense(points)}) == 2


def test_parameters_come_by_position_in_the_order_of_keras_or_by_name():
    assert layers.Conv1D(8, 5, 2, "same", activation="relu") == layers.Conv1D(
        filters=8, kernel_size=5, strides=2, padding="same", activation="relu"
    )
    assert layers.Dense(np.int64(3), None) == layers.Dense(3, "linear")
    assert layers.Reshape([2, 3]) == layers.Reshape((2, 3))


def test_a_name_is_no_parameter():
    named = layers.Dense(3, name="hidden")
    assert named == layers.Dense(3)
    assert named.params() == {"units": 3}


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        (lambda a, b: layers.concatenate([a, b], axis=-1), (None, 8)),
        (lambda a, b: layers.Concatenate()([a, b]), (None, 8)),
        (lambda a, b: layers.add([a, b]), (None, 4)),
        (lambda a, b: layers.subtract([a, b]), (None, 4)),
        (lambda a, b: layers.dot([a, b], axes=1), (None, 1)),
        (lambda a, b: layers.multiply([a, b], name="product"), (None, 4)),
    ],
)
def test_merges_are_called_on_lists(call, shape):
    assert call(Input((4,)), Input((4,))).shape == shape


def test_ports_are_filled_in_order_or_by_name():
    query, value = Input((5, 8), name="query"), Input((7, 8), name="value")
    attend = layers.MultiHeadAttention(2, 4)
    for called in (attend(query, value), attend(query, value=value), attend([query, value])):
        assert called.shape == (None, 5, 8)
        assert called.call.inputs == {"query": query, "value": value}


def test_a_layer_with_several_outputs_answers_a_list():
    out, hidden, cell = layers.LSTM(4, return_state=True, name="lstm")(Input((None, 3)))
    assert [tensor.name for tensor in (out, hidden, cell)] == [
        "lstm",
        "lstm.state_h",
        "lstm.state_c",
    ]


def test_a_call_can_name_its_node():
    points = Input((4,))
    dense = layers.Dense(3, name="first")
    assert [dense(points).name, dense(points, name="second").name] == ["first", "second"]


def test_a_refused_call_names_the_layer_and_its_line():
    points = Input((4,), name="points")
    with pytest.raises(DiagnosticError) as caught:
        layers.Conv1D(3, 5, name="scan")(points)
    headline, finding = str(caught.value).splitlines()[:2]
    assert headline.endswith('layers.Conv1D(3, 5, name="scan")(points)')
    assert finding.startswith("error[wrong-rank] scan: ")


def test_an_unknown_layer_gets_a_suggestion():
    with pytest.raises(AttributeError, match="did you mean 'Dense'"):
        layers.Densee  # noqa: B018
    assert {"Dense", "concatenate", "Input"} <= set(dir(layers))
    assert "Output" not in dir(layers)


def test_kinds_are_spelled_as_keras_names_layers():
    kinds = ("Dense", "Conv1D", "GlobalMaxPooling1D", "LSTM", "MultiHeadAttention")
    assert [default_layer_name(kind) for kind in kinds] == [
        "dense",
        "conv1d",
        "global_max_pooling1d",
        "lstm",
        "multi_head_attention",
    ]


def test_python_values_become_plain_json():
    assert to_plain_json({0: (1, np.float64(2.5), np.arange(2))}) == {"0": [1, 2.5, [0, 1]]}
    assert to_plain_json(layers.Dense(3)) == {"kind": "Dense", "params": {"units": 3}}
    assert bind_arguments(layers.Dense, (3, "relu"), {"use_bias": False}) == {
        "units": 3,
        "activation": "relu",
        "use_bias": False,
    }


def test_tensors_say_what_they_are():
    assert repr(Input((4,), name="points")) == (
        "<SymbolicTensor points, shape=(None, 4), dtype=float32>"
    )
    assert isinstance(Input(4), SymbolicTensor)

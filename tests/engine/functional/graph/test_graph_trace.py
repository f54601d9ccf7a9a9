"""A model's graph: what is between inputs and outputs, by names that count within the model."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from engine import DiagnosticError, Input, Model, layers

RANDOM = np.random.default_rng(0)


def codes(act):
    """Return the codes that an act is refused with."""
    with pytest.raises(DiagnosticError) as caught:
        act()
    return [found.code for found in caught.value.diagnostics]


def wires(model):
    """Return the wires of a model's graph by node."""
    return {node.name: dict(node.inputs) for node in model.graph}


@pytest.mark.slow
def test_writing_a_network_loads_neither_torch_nor_numpy():
    code = (
        "from engine import Input, Model, Sequential, layers\n"
        "x = Input((None, 4), name='x')\n"
        "model = Model(x, layers.LSTM(3)(layers.Conv1D(8, 3)(x)))\n"
        "assert len(model.plot()) > 1000\n"
        "import sys\n"
        "assert not {'torch', 'numpy', 'pyarrow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_output_takes_the_name_of_the_layer_that_makes_it():
    points = Input((4,), name="points")
    model = Model(points, layers.Dense(1, name="age")(points))
    assert wires(model) == {"points": {}, "age_head": {"x": "points"}, "age": {"x": "age_head"}}
    assert model.output_names == ("age",)
    assert [row.name for row in model.table.rows] == ["points", "age"]
    assert model.get_layer("age").count_params() == 5


def test_a_layer_that_also_feeds_others_may_end_in_an_output():
    points = Input((4,), name="points")
    hidden = layers.Dense(3, name="hidden")(points)
    model = Model(points, [hidden, layers.Dense(1, name="price")(hidden)])
    assert wires(model) == {
        "points": {},
        "hidden_head": {"x": "points"},
        "price_head": {"x": "hidden_head"},
        "hidden": {"x": "hidden_head"},
        "price": {"x": "price_head"},
    }


def test_names_in_a_dict_of_outputs_are_those_of_the_outputs():
    points = Input((4,), name="points")
    years = layers.Dense(1, name="years")(points)
    model = Model(points, {"age": years})
    assert wires(model)["age"] == {"x": "years"}
    assert model.predict(RANDOM.normal(size=(3, 4)))["age"].shape == (3, 1)


def test_names_in_a_dict_of_inputs_are_those_of_the_inputs():
    points = Input((4,))
    model = Model({"points": points}, layers.Dense(1)(points))
    assert model.input_names == ("points",)


def test_unnamed_layers_are_counted_as_keras_counts_them():
    points = Input((4,))
    x = layers.Dense(3)(points)
    x = layers.Dense(3, name="dense_1")(x)
    model = Model(points, layers.Dense(3)(layers.Dense(3)(x)))
    assert [row.name for row in model.table.rows] == [
        "input",
        "dense",
        "dense_1",
        "dense_2",
        "dense_3",
    ]


def test_one_instance_called_twice_shares_its_weights():
    left, right = Input((None, 3), name="left"), Input((None, 3), name="right")
    lstm = layers.LSTM(4)
    model = Model([left, right], layers.concatenate([lstm(left), lstm(right)]))
    assert model.graph["lstm_1"].shares == "lstm"
    assert model.count_params() == 128
    assert len(model.get_weights()) == 3


def test_what_is_as_usual_is_not_written_down():
    text = Input((None,), dtype="int32", name="text")
    x = layers.Embedding(10, 3, embeddings_initializer="uniform", name="words")(text)
    model = Model(text, layers.GlobalMaxPooling1D()(x))
    assert model.graph["words"].params == {"input_dim": 10, "output_dim": 3}


def test_equal_instances_share_nothing():
    left, right = Input((4,), name="left"), Input((4,), name="right")
    model = Model([left, right], layers.add([layers.Dense(3)(left), layers.Dense(3)(right)]))
    assert model.count_params() == 30


def test_a_layer_without_weights_called_twice_is_two_nodes():
    left, right = Input((4,), name="left"), Input((4,), name="right")
    relu = layers.Activation("relu")
    model = Model([left, right], layers.add([relu(left), relu(right)]))
    assert not any(node.shares for node in model.graph)


def test_states_of_a_recurrent_layer_are_wired_by_name():
    steps = Input((None, 3), name="steps")
    out, hidden, cell = layers.LSTM(4, return_state=True, name="lstm")(steps)
    model = Model(steps, [layers.add([out, cell], name="both"), hidden])
    assert wires(model)["both_head"] == {"xs": ("lstm_head", "lstm_head.state_c")}
    assert wires(model)["lstm"] == {"x": "lstm_head.state_h"}
    assert [a.shape for a in model.predict(RANDOM.normal(size=(2, 5, 3)))] == [(2, 4), (2, 4)]
    assert model.outputs[1] is hidden


def test_a_layer_that_makes_several_outputs_keeps_its_name():
    steps = Input((None, 3), name="steps")
    model = Model(steps, layers.LSTM(4, return_state=True, name="lstm")(steps))
    assert model.output_names == ("lstm_output", "lstm_state_h", "lstm_state_c")


def test_a_model_may_begin_and_end_inside_another():
    points = Input((4,), name="points")
    hidden = layers.Dense(3, name="hidden")(points)
    whole = Model(points, layers.Dense(1, name="price")(hidden))
    front = Model(whole.input, whole.get_layer("hidden").output)
    back = Model(hidden, whole.output)
    rows = RANDOM.normal(size=(5, 4))
    np.testing.assert_allclose(back.predict(front.predict(rows)), whole.predict(rows), rtol=1e-5)


def test_a_model_used_as_a_layer_is_put_in_its_place_with_a_frame_and_shared_weights():
    inner = Input((4,), name="inner")
    encoder = Model(inner, layers.Dense(3, name="code")(inner), name="encoder")
    left, right = Input((4,), name="left"), Input((4,), name="right")
    model = Model([left, right], layers.add([encoder(left), encoder(right)], name="sum"))
    assert wires(model)["sum_head"] == {"xs": ("encoder_code", "encoder_code_1")}
    assert model.graph["encoder_code_1"].shares == "encoder_code"
    assert model.project.view["frames"] == [
        {"title": "encoder", "nodes": ["encoder_code", "encoder_code_1"]}
    ]
    model.compile("sgd", "mse")
    before = encoder.get_weights()
    rows = RANDOM.normal(size=(30, 4))
    model.fit([rows, rows], RANDOM.normal(size=(30, 3)), verbose=0)
    assert not np.array_equal(before[0], encoder.get_weights()[0])
    np.testing.assert_allclose(
        model.predict([rows, rows]), 2 * encoder.predict(rows), rtol=1e-5, atol=1e-6
    )


def test_a_model_is_called_on_one_tensor_a_list_or_by_name():
    a, b = Input((4,), name="a"), Input((2,), name="b")
    model = Model([a, b], layers.concatenate([a, b], name="both"))
    x, y = Input((4,), name="x"), Input((2,), name="y")
    for called in (model([x, y]), model(x, y), model({"b": y, "a": x}), model(x, b=y)):
        assert called.shape == (None, 6)
    assert codes(lambda: model(x)) == ["port-loose"]
    assert codes(lambda: model({"a": x, "c": y})) == ["port-unknown", "port-loose"]
    assert codes(lambda: model(y, x)) == ["shapes-differ", "shapes-differ"]
    assert codes(lambda: model(x, y, x)) == ["param-invalid"]
    assert codes(lambda: model(x, a=x, b=y)) == ["param-invalid"]
    assert codes(lambda: model({"7": x, "b": y})) == ["port-unknown", "port-loose"]
    assert codes(lambda: model(np.ones((3, 4)), y)) == ["no-input"]


def test_a_model_of_any_name_can_be_a_layer():
    inner = Input((4,), name="inner")
    encoder = Model(inner, layers.Dense(3)(inner), name="my encoder")
    points = Input((4,), name="points")
    model = Model(points, encoder(points))
    assert [row.name for row in model.table.rows] == ["points", "my_encoder_dense"]


def test_an_input_is_listed_once():
    points = Input((4,), name="points")
    assert codes(lambda: Model([points, points], layers.Dense(1)(points))) == ["duplicate-name"]


def test_a_layer_whose_weights_have_another_shape_already_is_refused():
    dense = layers.Dense(3, name="dense")
    first = Input((4,), name="first")
    Model(first, dense(first)).get_weights()
    second = Input((5,), name="second")
    model = Model(second, dense(second))
    assert codes(model.get_weights) == ["shapes-differ"]


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda: Model(Input((4,)), []), "no-output"),
        (lambda: Model([], layers.Dense(1)(Input((4,)))), "no-input"),
        (lambda: Model(layers.Dense(1), layers.Dense(1)(Input((4,)))), "no-input"),
    ],
)
def test_what_makes_no_model_is_refused(act, code):
    assert codes(act) == [code]


@pytest.mark.slow
def test_a_deep_network_is_traced_without_recursion():
    x = points = Input((2,), name="points")
    for _ in range(1500):
        x = layers.Activation("tanh")(x)
    assert len(Model(points, x).graph) == 1502

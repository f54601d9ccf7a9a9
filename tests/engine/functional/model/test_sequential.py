"""A chain grows layer by layer, and takes its shape from an Input, from a call or from rows."""

from __future__ import annotations

import numpy as np
import pytest

from engine import DiagnosticError, Input, Model, Sequential, layers
from tests.tiers import noted

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 4))
Y = X[:, 0]


def codes(act):
    """Return the codes that an act is refused with, at a line of this file."""
    with pytest.raises(DiagnosticError) as caught:
        act()
    assert str(caught.value).startswith(f"{__file__}:")
    return [found.code for found in caught.value.diagnostics]


def chain():
    return Sequential([layers.Dense(3, activation="relu"), layers.Dense(1)])


def test_a_chain_gives_the_graph_of_calls():
    points = Input((4,), name="points")
    called = Model(points, layers.Dense(1)(layers.Dense(3, activation="relu")(points)))
    listed = Sequential([points, layers.Dense(3, activation="relu"), layers.Dense(1)])
    assert listed.graph == called.graph


def test_the_first_rows_say_the_shape_and_compile_waits_for_them():
    model = chain()
    model.compile("sgd", "mse", metrics=["mae"])
    assert codes(lambda: model.graph) == ["no-input"]
    assert codes(model.summary) == ["no-input"]
    history = model.fit(X, Y, verbose=0)
    assert set(history) == {"loss", "mae"}
    assert model.inputs[0].shape == (None, 4)
    assert model.count_params() == 19


@pytest.mark.parametrize(
    "meet",
    [
        lambda model: model.predict(X),
        lambda model: model.predict([X]),
        lambda model: model.predict({"input": X}),
        lambda model: model.evaluate(X, Y, verbose=0),
        lambda model: model.train_on_batch(X, Y),
        lambda model: model.build((None, 4)),
        lambda model: model(Input((4,), name="other")),
    ],
)
def test_whatever_comes_first_says_the_shape(meet):
    model = chain()
    model.compile("sgd", "mse")
    meet(model)
    model.fit(X, Y, verbose=0)
    assert model.input_names == ("input",)


def test_rows_of_single_numbers_and_of_ids_are_read_as_such():
    single = chain()
    single.compile("sgd", "mse")
    single.fit(X[:, 0], Y, verbose=0)
    assert single.inputs[0].shape == (None, 1)
    words = Sequential([layers.Embedding(9, 2), layers.Flatten(), layers.Dense(1)])
    words.compile("sgd", "mse")
    words.fit(RANDOM.integers(1, 9, (40, 5)), Y, verbose=0)
    assert (words.inputs[0].shape, words.inputs[0].dtype) == ((None, 5), "int32")


def test_what_compile_was_told_wrongly_is_refused_when_the_rows_come():
    model = chain()
    model.compile("sgd", "mes")
    assert codes(lambda: model.fit(X, Y)) == ["param-invalid"]


def test_a_shape_is_said_once():
    model = chain()
    model.build((None, 4))
    model.build((None, 4))
    assert codes(lambda: model.build((None, 5))) == ["shapes-differ"]
    for wrong in (4, None, (), "x"):
        assert codes(lambda wrong=wrong: chain().build(wrong)) == ["param-invalid"]


def test_a_layer_that_does_not_fit_leaves_the_chain_as_it_was():
    model = Sequential([Input((4,), name="points"), layers.Dense(3)])
    assert codes(lambda: model.add(layers.Conv1D(3, 5))) == ["wrong-rank"]
    model.add(layers.Dense(1))
    assert [row.kind for row in model.table.rows] == ["Input", "Dense", "Dense"]
    model.pop()
    assert [row.kind for row in model.table.rows] == ["Input", "Dense"]


def test_a_chain_can_lose_its_last_layer_and_hold_models():
    inner = Input((4,), name="inner")
    encoder = Model(inner, layers.Dense(3, name="code")(inner), name="encoder")
    model = Sequential([Input((4,)), encoder, layers.Dense(2), layers.Dense(1)])
    model.pop()
    assert [row.name for row in model.table.rows] == ["input", "encoder_code", "dense"]


def test_a_chain_used_as_a_layer_shares_its_weights():
    encoder = Sequential([layers.Dense(3)], name="my encoder")
    left, right = Input((4,), name="left"), Input((4,), name="right")
    model = Model([left, right], layers.Dot(-1, normalize=True)([encoder(left), encoder(right)]))
    assert model.count_params() == 15
    assert [row.name for row in model.table.rows][2:4] == ["my_encoder_dense", "my_encoder_dense_1"]
    assert np.array_equal(model.get_weights()[0], encoder.get_weights()[0])
    assert len(encoder.layers) == 2


def test_one_layer_twice_in_a_chain_is_one_set_of_weights():
    dense = layers.Dense(4)
    model = Sequential([Input((4,)), dense, dense])
    assert model.count_params() == 20


NO_CHAINS = [
    (lambda: Sequential().graph, "no-output"),
    (lambda: Sequential().pop(), "no-output"),
    (lambda: Sequential().fit(X, Y), "no-output"),
    (lambda: Sequential([Input((4,)), Input((4,))]), "port-takes-one"),
    (lambda: Sequential(["Dense"]), "kind-unknown"),
    (lambda: Sequential([abs]), "kind-unknown"),
    (lambda: Sequential(layers.Dense(3)), "param-invalid"),
    (lambda: Sequential({"a": layers.Dense(3)}), "param-invalid"),
    (lambda: Sequential([Input((4,)), layers.Add()]), "too-few-inputs"),
    (lambda: chain().fit([X, X], Y), "param-invalid"),
    (lambda: chain().fit({"inputs": X}, Y), "port-unknown"),
]


def test_what_makes_no_chain_is_refused():
    for act, code in NO_CHAINS:
        with noted(act, code):
            assert codes(act) == [code]

"""What goes wrong in notebooks without a word from Keras has a name here, one row a misuse.

The numbers are those of a list of 23 traps; those that are no misuse, but a matter of what comes
out, follow behind the table.
"""

from __future__ import annotations

import numpy as np
import pytest

from engine import Input, Model, layers, losses
from tests.end_to_end import cells
from tests.end_to_end.told import told

RANDOM = np.random.default_rng(0)
POSTS = cells.ids(40, 60, 200)
X = RANDOM.normal(size=(40, 4))
Y = X[:, 0]
ONE_HOT = cells.one_hot(40, 10)


def posts(**more):
    model = cells.posts(vocabulary=200, width=16, **more)
    model.compile("rmsprop", cells.LOSSES)
    return model


def answering():
    model = cells.question_answering(50, 30)
    model.compile("rmsprop", "categorical_crossentropy")
    return model


def asked(last: int = 9):
    """Rows for `answering`; of the text, steps from `last` on are padding."""
    text = cells.ids(40, 9, 30)
    text[:, last:] = 0
    return {"text": text, "question": cells.ids(40, 5, 30)}


def classifier(loss="categorical_crossentropy", activation="softmax", units=10):
    points = Input((4,), name="points")
    model = Model(points, layers.Dense(units, activation=activation, name="label")(points))
    model.compile("sgd", loss)
    return model


def regression(metrics=None):
    points = Input((4,), name="points")
    model = Model(points, layers.Dense(1, name="price")(points))
    model.compile("sgd", "mse", metrics=metrics)
    return model


def swapped():
    text = Input((None,), dtype="int32", name="text")
    vectors = layers.Embedding(64, 10_000)(text)
    return Model(text, layers.Dense(1)(layers.GlobalMaxPooling1D()(vectors)))


def swapped_fit():
    text = Input((None,), dtype="int32", name="text")
    vectors = layers.Embedding(8, 100)(text)
    model = Model(text, layers.Dense(1)(layers.GlobalMaxPooling1D()(vectors)))
    model.compile("sgd", "mse")
    return model.fit(cells.ids(40, 9, 100), Y, verbose=0)


def channels_first():
    steps = Input((20, 3), name="steps")
    model = Model(steps, layers.Dense(1)(layers.Flatten()(layers.Conv1D(2, 3)(steps))))
    model.compile("sgd", "mse")
    return model.fit(RANDOM.normal(size=(40, 3, 20)), Y)


def disconnected():
    points, other = Input((4,), name="points"), Input((4,), name="other")
    return Model(other, layers.Dense(1)(points))


def unused():
    points, other = Input((4,), name="points"), Input((4,), name="other")
    return Model([points, other], layers.Dense(1)(points))


def twins():
    points = Input((4,), name="points")
    both = [layers.Dense(3, name="twin")(points) for _ in range(2)]
    return Model(points, layers.add(both))


def joined_lengths():
    a, b = Input((None, 3), name="a"), Input((None, 3), name="b")
    return layers.concatenate([a, b], axis=-1)


def scored_on_its_own_rows():
    model = regression()
    model.fit(X, Y, verbose=0)
    return model.evaluate(X, Y, verbose=0)


def fit_posts(**targets):
    return posts().fit(POSTS, {**cells.answers(40), **targets}, verbose=0)


ROWS = [
    ("1 arguments of an Embedding swapped", swapped, {"embedding-wide"}),
    ("1 swapped, seen by the data", swapped_fit, {"id-out-of-vocabulary"}),
    ("1 the correction of the notebook", lambda: layers.Embedding(10_000), {"param-missing"}),
    ("1 ids below 0", lambda: posts().fit(POSTS - 2, cells.answers(40)), {"id-negative"}),
    (
        "2 too short for the stack",
        lambda: posts(longer=True).fit(POSTS, cells.answers(40)),
        {"length-too-short"},
    ),
    (
        "3 rows without a class",
        lambda: fit_posts(income=np.zeros((40, 10))),
        {"one-hot-empty"},
    ),
    ("3 a target of one value", lambda: fit_posts(gender=np.zeros(40)), {"target-constant"}),
    (
        "3 rows with two classes",
        lambda: fit_posts(income=ONE_HOT + np.roll(ONE_HOT, 1, axis=1)),
        {"one-hot-several"},
    ),
    (
        "5 random rows for classes",
        lambda: classifier().fit(X, RANDOM.random((40, 10))),
        {"not-distribution"},
    ),
    (
        "5 shares that sum to 1",
        lambda: classifier().fit(X, RANDOM.dirichlet(np.ones(10), 40), verbose=0),
        {"soft-labels"},
    ),
    (
        "6 one loss drowns the others",
        lambda: fit_posts(age=RANDOM.integers(1, 100, 40)),
        {"loss-dominated"},
    ),
    (
        "7 inputs in the wrong order",
        lambda: answering().fit(
            [asked()["question"], cells.ids(40, 9, 50)], cells.one_hot(40, cells.ANSWERS)
        ),
        {"id-out-of-vocabulary"},
    ),
    (
        "7 an extra key",
        lambda: answering().fit({**asked(), "author": X}, cells.one_hot(40, cells.ANSWERS)),
        {"port-unknown"},
    ),
    ("7 a key left out", lambda: answering().fit({"text": X}, ONE_HOT), {"column-missing"}),
    (
        "8 a list of losses too short",
        lambda: cells.posts().compile("sgd", cells.LOSSES[:2]),
        {"param-invalid"},
    ),
    (
        "8 a loss for no output",
        lambda: cells.posts().compile("sgd", {"aeg": "mse"}),
        {"port-unknown"},
    ),
    (
        "8 a weight below 0",
        lambda: cells.posts().compile("sgd", cells.LOSSES, loss_weights=[-1, 1, 1]),
        {"param-invalid"},
    ),
    ("9 accuracy of a regression", lambda: regression(["acc"]), {"metric-unfit"}),
    (
        "9 accuracy of three outputs",
        lambda: cells.posts().compile("sgd", cells.LOSSES, metrics=["acc"]),
        {"metric-unfit"},
    ),
    (
        "10 real numbers for ids",
        lambda: posts().fit(POSTS / 7, cells.answers(40)),
        {"ids-not-whole"},
    ),
    (
        "10 whole numbers kept as floats",
        lambda: posts().fit(POSTS.astype(float), cells.answers(40), verbose=0),
        {"ids-were-floats"},
    ),
    (
        "10 padding without a mask",
        lambda: answering().fit(asked(6), cells.one_hot(40, cells.ANSWERS), verbose=0),
        {"padding-unmasked"},
    ),
    ("11 two layers of one name", twins, {"duplicate-name"}),
    (
        "11 a name that no source could hold",
        lambda: Model(x := Input((4,), name="my points"), layers.Dense(1)(x)),
        {"name-illegal"},
    ),
    ("13 an output of another input", disconnected, {"output-unreached"}),
    (
        "13 training what was never compiled",
        lambda: swapped_free().fit(X, Y),
        {"nothing-to-train"},
    ),
    (
        "15 softmax before logits",
        lambda: classifier(losses.CategoricalCrossentropy(from_logits=True)),
        {"logits-twice"},
    ),
    ("15 softmax on one unit", lambda: classifier("mse", units=1), {"softmax-on-one"}),
    ("15 a cross-entropy of scores", lambda: classifier(activation=None), {"activation-unfit"}),
    ("15 a squared error of shares", lambda: classifier("mse"), {"regression-on-softmax"}),
    ("15 relu before a number", lambda: output_clipped(), {"output-clipped"}),
    ("18 targets of two columns", lambda: regression().fit(X, X[:, :2]), {"array-shape"}),
    ("18 targets of other rows", lambda: regression().fit(X, Y[:39]), {"rows-differ"}),
    ("20 scored on its own rows", scored_on_its_own_rows, {"scored-on-trained"}),
    (
        "20 nothing left to validate",
        lambda: regression().fit(X, Y, validation_split=0.999),
        {"split-empty"},
    ),
    ("22 channels first", channels_first, {"array-shape"}),
    ("22 lengths that differ, joined by features", joined_lengths, {"shapes-differ"}),
    ("23 an input that nothing uses", unused, {"input-unused"}),
]


def swapped_free():
    points = Input((4,), name="points")
    return Model(points, layers.Dense(1)(points))


def output_clipped():
    points = Input((4,), name="points")
    model = Model(points, layers.Dense(1, activation="relu", name="price")(points))
    model.compile("sgd", "mse")


@pytest.mark.parametrize(("act", "codes"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_misuse_is_told_by_name(act, codes):
    assert told(act, __file__) == codes


def test_4_a_training_keeps_every_epoch_and_says_why_it_ended():
    history = regression().fit(X, Y, epochs=3, validation_split=0.25, verbose=0)
    assert {len(values) for values in history.history.values()} == {3}
    assert history.end_reason == "all epochs are done"


def test_12_an_lstm_counts_one_bias():
    steps = Input((None, 64))
    assert Model(steps, layers.LSTM(32)(steps)).count_params() == 12_416


def test_13_a_refused_model_is_not_the_one_before():
    model = regression()
    before = model.graph
    assert told(lambda: model.compile("sgd", "mes"), __file__) == {"param-invalid"}
    assert model.graph == before


def test_14_rmsprop_has_the_constants_of_keras():
    recipe = regression()
    recipe.compile("rmsprop", "mse")
    own = recipe._state.recipe.optimizer
    assert (own.learning_rate, own.rho, own.epsilon) == (0.001, 0.9, 1e-7)


def test_16_weights_start_as_in_keras():
    text = Input((None,), dtype="int32")
    x = layers.LSTM(32, name="lstm")(layers.Embedding(5000, 64, name="words")(text))
    weights = Model(text, x).named_weights()
    assert weights["words/embeddings"].std() == pytest.approx(0.1 / np.sqrt(12), rel=0.02)
    assert np.array_equal(weights["lstm/bias"][32:64], np.ones(32))
    kernel = weights["lstm/recurrent_kernel"]
    np.testing.assert_allclose(kernel @ kernel.T, np.eye(32), atol=1e-5)


def test_17_a_second_fit_goes_on():
    model = regression()
    first, second = (model.fit(X, Y, epochs=5, verbose=0)["loss"] for _ in range(2))
    assert second[0] < first[-1]


def test_18_targets_of_one_column_are_the_same_with_and_without_it():
    scores = [regression().evaluate(X, y, verbose=0) for y in (Y, Y[:, None])]
    assert scores[0] == scores[1]


def test_19_a_short_last_batch_counts_by_its_rows():
    whole, parts = (regression().evaluate(X, Y, batch_size=n, verbose=0) for n in (40, 36))
    assert parts.loss == pytest.approx(whole.loss, rel=1e-6)


def test_20_the_split_is_stated():
    told_split = regression().fit(X, Y, validation_split=0.25, verbose=0).split
    assert told_split == "trained on the first 30 rows, validated on the last 10"


def test_21_branches_that_look_alike_share_nothing():
    points = Input((4,))
    apart = Model(points, layers.add([layers.Dense(3)(points), layers.Dense(3)(points)]))
    shared = layers.Dense(3)
    together = Model(points, layers.add([shared(points), shared(points)]))
    assert (apart.count_params(), together.count_params()) == (30, 15)

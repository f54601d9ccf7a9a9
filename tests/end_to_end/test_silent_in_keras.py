"""What goes wrong in notebooks without a word from Keras has a name here, one row a misuse.

The numbers are those of a list of 23 traps. test_notebook_faults has those that say more.
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
WORDS = cells.one_hot(40, cells.ANSWERS)


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


def channels_first():
    steps = Input((20, 3), name="steps")
    model = Model(steps, layers.Dense(1)(layers.Flatten()(layers.Conv1D(2, 3)(steps))))
    model.compile("sgd", "mse")
    return model.fit(RANDOM.normal(size=(40, 3, 20)), Y)


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
    ("1 ids below 0", lambda: posts().fit(POSTS - 2, cells.answers(40)), {"id-negative"}),
    (
        "3 rows with two classes",
        lambda: fit_posts(income=ONE_HOT + np.roll(ONE_HOT, 1, axis=1)),
        {"one-hot-several"},
    ),
    ("7 a key left out", lambda: answering().fit({"text": X}, ONE_HOT), {"column-missing"}),
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
    # Of the notebook, and of whoever corrects it.
    ("an Embedding without a width", lambda: embedded_by_a_number(), {"param-missing"}),
    (
        "randint(0, 1)",
        lambda: fit_posts(income=np.zeros((40, 10)), gender=np.zeros(40)),
        {"one-hot-empty", "target-constant"},
    ),
    (
        "random numbers for classes",
        lambda: fit_posts(income=RANDOM.random((40, 10))),
        {"not-distribution"},
    ),
    ("soft labels", lambda: fit_posts(income=ONE_HOT / 2 + 0.05), {"soft-labels"}),
    ("ages of 1 to 99", lambda: fit_posts(age=RANDOM.integers(1, 100, 40)), {"loss-dominated"}),
    ("accuracy of a number", lambda: regression(["acc"]), {"metric-unfit"}),
    (
        "accuracy of a number, by name",
        lambda: cells.posts().compile("sgd", cells.LOSSES, metrics={"age": "acc"}),
        {"metric-unfit"},
    ),
    ("an input too many", lambda: answering().fit({**asked(), "x": X}, WORDS), {"port-unknown"}),
    (
        "real numbers for ids",
        lambda: posts().fit(RANDOM.random((40, 60)), cells.answers(40)),
        {"ids-not-whole"},
    ),
    (
        "ids as floats",
        lambda: posts().fit(POSTS.astype(float), cells.answers(40), verbose=0),
        {"ids-were-floats"},
    ),
    (
        "padding in a recurrent layer",
        lambda: answering().fit(asked(6), WORDS, verbose=0),
        {"padding-unmasked"},
    ),
    ("a target of one value", lambda: regression().fit(X, np.ones(40)), {"target-constant"}),
    ("NaN in an input", lambda: regression().fit(np.where(X > 1, np.nan, X), Y), {"not-finite"}),
    ("class indices", lambda: classifier().fit(X, RANDOM.integers(0, 10, 40)), {"target-form"}),
    ("losses of another length", lambda: cells.posts().compile("sgd", ["mse"]), {"param-invalid"}),
    ("a name that no source could hold", lambda: spaced_name(), {"name-illegal"}),
    ("22 lengths that differ, joined by features", joined_lengths, {"shapes-differ"}),
]


def embedded_by_a_number():
    return layers.Embedding(10_000)(Input((None,), dtype="int32", name="text"), 64)


def spaced_name():
    points = Input((4,), name="points")
    return Model(points, layers.Dense(1, name="my price")(points))


def output_clipped():
    points = Input((4,), name="points")
    model = Model(points, layers.Dense(1, activation="relu", name="price")(points))
    model.compile("sgd", "mse")


@pytest.mark.parametrize(("act", "codes"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_misuse_is_told_by_name(act, codes):
    assert told(act, __file__) == codes

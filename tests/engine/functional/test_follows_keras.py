"""One text, written for Keras and for the engine, gives the same numbers by both."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import engine
from tests.double import keras

OURS = SimpleNamespace(Input=engine.Input, Model=engine.Model, layers=engine.layers)
THEIRS = SimpleNamespace(Input=keras.Input, Model=keras.Model, layers=keras.layers)
ROWS, BATCH = 50, 16

# Keras' own variables answer numpy in numpy's older way.
pytestmark = [
    pytest.mark.usefixtures("float64"),
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def heads(k: SimpleNamespace) -> object:
    """Three outputs on one stem."""
    points = k.Input((6,), name="points")
    x = k.layers.Dense(5, activation="tanh", name="stem")(points)
    age = k.layers.Dense(1, name="age")(x)
    income = k.layers.Dense(4, activation="softmax", name="income")(x)
    gender = k.layers.Dense(1, activation="sigmoid", name="gender")(x)
    return k.Model(points, [age, income, gender])


def residual(k: SimpleNamespace) -> object:
    """Branches of unequal length, and a skip."""
    points = k.Input((6,), name="points")
    short = k.layers.Dense(4, name="short")(points)
    x = k.layers.Dense(4, activation="relu", name="first")(points)
    long = k.layers.Dense(4, name="second")(x)
    added = k.layers.add([long, short], name="added")
    both = k.layers.concatenate([x, added], name="both")
    return k.Model(points, k.layers.Dense(1, name="price")(both))


def siamese(k: SimpleNamespace) -> object:
    """One layer used twice, drawn behind a layer that is used once."""
    left, right = k.Input((6,), name="left"), k.Input((6,), name="right")
    shared = k.layers.Dense(3, activation="tanh", name="shared")
    own = k.layers.Dense(6, name="own")(right)
    joined = k.layers.concatenate([shared(left), shared(own)], name="joined")
    return k.Model([left, right], k.layers.Dense(1, activation="sigmoid", name="same")(joined))


def late_input(k: SimpleNamespace) -> object:
    """An input that comes in near the end, and one listed before it was made."""
    first, second = k.Input((6,), name="first"), k.Input((2,), name="second")
    x = k.layers.Dense(3, name="deep")(first)
    x = k.layers.BatchNormalization(name="norm")(x)
    x = k.layers.concatenate([second, x], name="joined")
    return k.Model([second, first], k.layers.Dense(1, name="price")(x))


def cropped(k: SimpleNamespace) -> object:
    """A layer without weights used twice: its deepest use counts for both."""
    steps = k.Input((9, 3), name="steps")
    crop = k.layers.Cropping1D(1, name="crop")
    first = crop(k.layers.Dense(2, name="first")(crop(steps)))
    second = crop(k.layers.Dense(1, name="second")(steps))
    flat = [k.layers.Flatten(name=name)(x) for name, x in (("one", first), ("two", second))]
    both = k.layers.concatenate(flat, name="both")
    return k.Model(steps, k.layers.Dense(1, name="price")(both))


@pytest.mark.parametrize("build", [heads, residual, siamese, late_input, cropped])
def test_layers_and_weights_come_in_the_order_of_keras(build):
    ours, theirs = build(OURS), build(THEIRS)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    shapes = [[array.shape for array in model.get_weights()] for model in (ours, theirs)]
    assert shapes[0] == shapes[1]
    ours.set_weights(theirs.get_weights())
    for layer in theirs.layers:
        for own, other in zip(
            ours.get_layer(layer.name).get_weights(), layer.get_weights(), strict=True
        ):
            np.testing.assert_allclose(own, other, rtol=1e-6)


def rows() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    rng = np.random.default_rng(3)
    targets = {
        "age": rng.normal(size=(ROWS, 1)),
        "income": np.eye(4)[rng.integers(0, 4, ROWS)],
        "gender": rng.integers(0, 2, (ROWS, 1)).astype(float),
    }
    return rng.normal(size=(ROWS, 6)), targets


def compiled(*, metrics: object = None) -> tuple[object, object]:
    ours, theirs = heads(OURS), heads(THEIRS)
    told = {
        "loss": ["mse", "categorical_crossentropy", "binary_crossentropy"],
        "loss_weights": [0.25, 1.0, 10.0],
        "metrics": metrics,
    }
    ours.compile("rmsprop", precision="float64", **told)
    theirs.compile("rmsprop", **told)
    ours.set_weights(theirs.get_weights())
    return ours, theirs


def agree(ours: dict, theirs: dict) -> None:
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        assert ours[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name


def same_weights(ours: object, theirs: object) -> None:
    for own, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-9, atol=1e-12)


METRICS = [["mae", "mse"], ["acc"], ["accuracy"]]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"validation_split": 0.3},
        {"validation_split": 0.3, "sample_weight": np.linspace(0, 2, ROWS)},
        {"sample_weight": [np.linspace(0, 2, ROWS), np.ones(ROWS), np.linspace(3, 1, ROWS)]},
    ],
    ids=["plain", "split", "weighted", "weighted-apart"],
)
def test_fit_gives_the_history_and_the_weights_of_keras(options):
    ours, theirs = compiled(metrics=METRICS)
    x, y = rows()
    fixed = {"epochs": 3, "batch_size": BATCH, "shuffle": False, "verbose": 0, **options}
    own = ours.fit(x, y, **fixed)
    other = theirs.fit(x, list(y.values()), **{**fixed, **_for_keras(options)})
    assert own.epoch == other.epoch
    agree(own.history, other.history)
    same_weights(ours, theirs)


def _for_keras(options: dict) -> dict:
    """Return one array of weights as three, which is what Keras makes of it."""
    weights = options.get("sample_weight")
    return {"sample_weight": [weights] * 3} if isinstance(weights, np.ndarray) else {}


def test_validation_data_are_scored_as_by_keras():
    ours, theirs = compiled(metrics=METRICS)
    x, y = rows()
    held = x[::-1].copy(), y
    theirs_held = held[0], list(y.values())
    fixed = {"epochs": 2, "batch_size": BATCH, "shuffle": False, "verbose": 0}
    own = ours.fit(x, y, validation_data=held, **fixed)
    other = theirs.fit(x, list(y.values()), validation_data=theirs_held, **fixed)
    agree(own.history, other.history)


def test_a_second_fit_goes_on_as_in_keras():
    ours, theirs = compiled()
    x, y = rows()
    fixed = {"batch_size": BATCH, "shuffle": False, "verbose": 0}
    for _ in range(2):
        own = ours.fit(x, y, epochs=2, **fixed)
        other = theirs.fit(x, list(y.values()), epochs=2, **fixed)
        agree(own.history, other.history)
    own = ours.fit(x, y, epochs=3, initial_epoch=2, **fixed)
    other = theirs.fit(x, list(y.values()), epochs=3, initial_epoch=2, **fixed)
    assert own.epoch == other.epoch == [2]
    agree(own.history, other.history)
    same_weights(ours, theirs)


def test_compiling_again_keeps_weights_and_forgets_the_optimizer_as_in_keras():
    ours, theirs = compiled()
    x, y = rows()
    told = {"loss": ["mae", "categorical_crossentropy", "binary_crossentropy"]}
    for model, fed in ((ours, y), (theirs, list(y.values()))):
        model.fit(x, fed, batch_size=BATCH, shuffle=False, verbose=0)
        more = {"precision": "float64"} if model is ours else {}
        model.compile("adam", **told, **more)
        model.fit(x, fed, batch_size=BATCH, shuffle=False, verbose=0)
    same_weights(ours, theirs)


def test_evaluate_and_batches_unpack_in_the_order_of_keras():
    ours, theirs = compiled(metrics=METRICS)
    x, y = rows()
    listed = list(y.values())
    own = ours.evaluate(x, y, batch_size=BATCH, verbose=0)
    other = theirs.evaluate(x, listed, batch_size=BATCH, verbose=0)
    assert list(own) == pytest.approx(other, rel=1e-9)
    assert own.names[6:] == ("gender_accuracy", "income_acc")
    assert own.names[:4] == ("loss", "age_loss", "income_loss", "gender_loss")
    agree(
        ours.evaluate(x, y, verbose=0, return_dict=True),
        theirs.evaluate(x, listed, verbose=0, return_dict=True),
    )
    for _ in range(3):
        theirs.reset_metrics()
        told = theirs.train_on_batch(x, listed)
        assert list(ours.train_on_batch(x, y)) == pytest.approx(told, rel=1e-9)
    theirs.reset_metrics()
    assert list(ours.test_on_batch(x, y)) == pytest.approx(
        theirs.test_on_batch(x, listed), rel=1e-9
    )
    same_weights(ours, theirs)


@pytest.mark.parametrize("sparse", [False, True])
def test_class_weights_count_in_training_only_as_in_keras(sparse):
    models = []
    for k in (OURS, THEIRS):
        points = k.Input((6,), name="points")
        models.append(k.Model(points, k.layers.Dense(4, activation="softmax", name="kind")(points)))
    ours, theirs = models
    loss = "sparse_categorical_crossentropy" if sparse else "categorical_crossentropy"
    ours.compile("sgd", loss, metrics=["acc"], precision="float64")
    theirs.compile("sgd", loss, metrics=["acc"])
    ours.set_weights(theirs.get_weights())
    x, y = rows()
    target = y["income"].argmax(1) if sparse else y["income"]
    fixed = {
        "class_weight": {0: 1.0, 1: 3.0, 2: 0.5, 3: 0.0},
        "validation_split": 0.2,
        "shuffle": False,
        "epochs": 2,
        "batch_size": BATCH,
        "verbose": 0,
    }
    agree(ours.fit(x, target, **fixed).history, theirs.fit(x, target, **fixed).history)
    same_weights(ours, theirs)


def test_masked_steps_count_neither_in_the_loss_nor_in_the_scores_of_a_tagger_as_in_keras():
    models = []
    for k in (OURS, THEIRS):
        words = k.Input((None,), dtype="int32", name="words")
        x = k.layers.Embedding(9, 4, mask_zero=True, name="vectors")(words)
        x = k.layers.LSTM(5, return_sequences=True, name="read")(x)
        models.append(k.Model(words, k.layers.Dense(3, activation="softmax", name="tag")(x)))
    ours, theirs = models
    loss = "sparse_categorical_crossentropy"
    ours.compile("sgd", loss, metrics=["acc"], precision="float64")
    theirs.compile("sgd", loss, weighted_metrics=["acc"])
    ours.set_weights(theirs.get_weights())
    rng = np.random.default_rng(2)
    x, y = rng.integers(1, 9, (6, 7)).astype("int32"), rng.integers(0, 3, (6, 7))
    x[2:, 5:] = x[4:, 3:] = 0
    for _ in range(3):
        theirs.reset_metrics()
        assert list(ours.train_on_batch(x, y)) == pytest.approx(theirs.train_on_batch(x, y))
    same_weights(ours, theirs)


@pytest.mark.parametrize("build", [residual, siamese, late_input])
def test_predictions_are_those_of_keras(build):
    ours, theirs = build(OURS), build(THEIRS)
    ours.compile("sgd", "mse", precision="float64")
    ours.set_weights(theirs.get_weights())
    rng = np.random.default_rng(0)
    fed = [rng.normal(size=(7, *tensor.shape[1:])) for tensor in ours.inputs]
    expected = theirs.predict(fed if len(fed) > 1 else fed[0], verbose=0)
    np.testing.assert_allclose(ours.predict(fed), expected, rtol=1e-9)


def test_a_model_used_as_a_layer_computes_as_in_keras():
    models = []
    for k in (OURS, THEIRS):
        inner = k.Input((6,), name="inner")
        encoder = k.Model(inner, k.layers.Dense(3, activation="tanh")(inner), name="encoder")
        left, right = k.Input((6,), name="left"), k.Input((6,), name="right")
        joined = k.layers.concatenate([encoder(left), encoder(right)])
        models.append(k.Model([left, right], k.layers.Dense(1, name="same")(joined)))
    ours, theirs = models
    ours.compile("rmsprop", "mse", precision="float64")
    theirs.compile("rmsprop", "mse")
    ours.set_weights(theirs.get_weights())
    x, y = rows()
    fed, fixed = [x, x[::-1].copy()], {"batch_size": BATCH, "shuffle": False, "verbose": 0}
    agree(ours.fit(fed, y["age"], **fixed).history, theirs.fit(fed, y["age"], **fixed).history)
    same_weights(ours, theirs)

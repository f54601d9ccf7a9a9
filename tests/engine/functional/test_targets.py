"""Arrays with targets that are missing, rare classes, and losses that find their weights."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

import engine
from engine import Input, Model, layers
from engine.core.diagnostic import DiagnosticError
from engine.graph.edits.field_edits import set_weights
from engine.graph.serialization.file import read, write

ROWS = 60
RNG = np.random.default_rng(0)
X = RNG.normal(size=(ROWS, 3)).astype("float32")
MASS = (X @ [1.0, -2.0, 0.5])[:, None].astype("float32")
KIND = np.repeat([0, 1, 2], [40, 15, 5])[RNG.permutation(ROWS)]


def model(**told):
    x = Input(shape=(3,), name="x")
    deep = layers.Dense(4, name="deep")(x)
    mass = layers.Dense(1, name="mass")(deep)
    kind = layers.Dense(3, activation="softmax", name="kind")(deep)
    made = Model(x, [mass, kind])
    losses = {"mass": "mse", "kind": "sparse_categorical_crossentropy"}
    made.compile("adam", losses, metrics={"mass": ["mae"]}, seed=1, **told)
    return made


def targets(every=0):
    mass, kind = MASS.copy(), KIND.astype("float64")
    if every:
        mass[::every], kind[1::every] = np.nan, np.nan
    return {"mass": mass, "kind": kind if every else KIND}


def test_nan_targets_are_refused_unless_compile_says_that_they_are_masked():
    with pytest.raises(DiagnosticError) as refused:
        model().fit(X, targets(3), verbose=0)
    assert {found.code for found in refused.value.diagnostics} == {"not-finite"}
    made = model(missing="mask")
    history = made.fit(X, targets(3), epochs=2, verbose=0)
    assert all(np.isfinite(values).all() for values in history.history.values())


def test_masked_rows_change_nothing_in_what_is_scored():
    made = model(missing={"mass": "mask"})
    made.fit(X, targets(), epochs=1, verbose=0)
    holed = targets() | {"mass": targets(2)["mass"]}
    found = made.evaluate(X, holed, verbose=0)
    there = made.evaluate(
        X[1::2], {name: each[1::2] for name, each in targets().items()}, verbose=0
    )
    assert found.mass_loss == pytest.approx(there.mass_loss, rel=1e-5)
    assert found.mass_mae == pytest.approx(there.mass_mae, rel=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_balanced_classes_weigh_as_scikit_learn_does_on_the_rows_to_train_on(share):
    first = KIND[: int(ROWS * (1 - share))]
    weights = compute_class_weight("balanced", classes=np.arange(3), y=first)
    told = {number: float(weight) for number, weight in enumerate(weights)}
    more = {"epochs": 2, "verbose": 0, "validation_split": share}
    one = model().fit(X, targets(), class_weight={"kind": "balanced"}, **more)
    other = model().fit(X, targets(), class_weight={"kind": told}, **more)
    assert one.history["loss"] == pytest.approx(other.history["loss"], rel=1e-6)


def test_an_output_drawn_as_balanced_is_so_when_it_is_fitted_on_arrays(tmp_path):
    made = model()
    made.save(tmp_path / "m.loom.json")
    text = (tmp_path / "m.loom.json").read_text()
    word = '"loss": "sparse_categorical_crossentropy"'
    assert word in text
    (tmp_path / "m.loom.json").write_text(text.replace(word, f'{word}, "class_weight": "balanced"'))
    drawn = engine.load(tmp_path / "m.loom.json")
    one = drawn.fit(X, targets(), epochs=2, verbose=0)
    other = model().fit(X, targets(), epochs=2, verbose=0, class_weight={"kind": "balanced"})
    assert one.history["loss"] == pytest.approx(other.history["loss"], rel=1e-6)


def test_a_file_that_weighs_rows_by_a_column_says_so_when_arrays_have_no_weights(tmp_path):
    made = model()
    made.save(tmp_path / "m.loom.json")
    told = read(tmp_path / "m.loom.json").project
    write(tmp_path / "m.loom.json", set_weights(told, {"column": "survey"}))
    drawn = engine.load(tmp_path / "m.loom.json")
    with pytest.warns(UserWarning, match="has a weight column"):
        drawn.fit(X, targets(), epochs=1, verbose=0)
    drawn.fit(X, targets(), epochs=1, verbose=0, sample_weight=np.ones(ROWS))


@pytest.mark.parametrize("balance", ["uncertainty", "gradnorm"])
def test_a_balance_goes_on_where_the_last_fit_left_it(balance):
    told = {"batch_size": 20, "verbose": 0, "shuffle": False}
    whole, parts = model(balance=balance), model(balance=balance)
    through = whole.fit(X, targets(), epochs=4, **told).history["mass_loss"]
    broken = [parts.fit(X, targets(), epochs=2, **told).history["mass_loss"] for _ in range(2)]
    assert [*broken[0], *broken[1]] == pytest.approx(through, rel=1e-6)

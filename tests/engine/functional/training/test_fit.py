"""Training with arrays: on from where it stood, in the order that a seed says, by names."""

from __future__ import annotations

import numpy as np
import pytest

from engine import (
    DiagnosticError,
    Input,
    Model,
    layers,
    losses,
    metrics,
    optimizers,
    regularizers,
    schedules,
)
from engine.functional.training.evaluation_result import Score, Scores, make_scores
from engine.runtime.acceleration import interface

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 4))
Y = X @ np.array([1.0, -2.0, 0.5, 0.0])


def model_of(dropout: float = 0.0, **recipe: object) -> Model:
    points = Input((4,), name="points")
    x = layers.Dense(8, activation="tanh", kernel_initializer="he_normal")(points)
    x = layers.Dropout(dropout)(x)
    model = Model(points, layers.Dense(1, name="price")(x))
    model.compile(recipe.pop("optimizer", "adam"), "mse", metrics=["mae"], **recipe)
    return model


def codes(act):
    """Return the codes that an act is refused with."""
    with pytest.raises(DiagnosticError) as caught:
        act()
    return [found.code for found in caught.value.diagnostics]


def equal(one: Model, other: Model) -> bool:
    return all(map(np.array_equal, one.get_weights(), other.get_weights()))


def test_two_fits_in_a_row_are_one_long_fit_bit_for_bit():
    once, twice = model_of(dropout=0.3), model_of(dropout=0.3)
    whole = once.fit(X, Y, epochs=4, batch_size=7, verbose=0)
    first = twice.fit(X, Y, epochs=3, batch_size=7, verbose=0)
    rest = twice.fit(X, Y, epochs=4, initial_epoch=3, batch_size=7, verbose=0)
    assert whole["loss"] == first["loss"] + rest["loss"]
    assert (first.epoch, rest.epoch) == ([0, 1, 2], [3])
    assert equal(once, twice)


def test_a_seed_says_where_everything_starts():
    same, again, other = (model_of(seed=seed) for seed in (1, 1, 2))
    for model in (same, again, other):
        model.fit(X, Y, epochs=2, verbose=0)
    assert equal(same, again)
    assert not equal(same, other)


def test_patience_stops_and_gives_the_best_weights_back():
    model = model_of(optimizer=optimizers.SGD(1e-9))
    history = model.fit(
        X, Y, epochs=50, validation_split=0.25, verbose=0,
        patience=2, monitor="val_mae", min_delta=1.0,
    )  # fmt: skip
    assert len(history["loss"]) == 3
    assert "no improvement for 2 epochs" in history.end_reason
    assert history.ended == history.end_reason, "the name in version 0.1"
    for wrong in ({"monitor": "val_mae"}, {"monitor": "val_mea", "validation_split": 0.2}):
        assert codes(lambda wrong=wrong: model.fit(X, Y, patience=2, **wrong)) == ["score-unknown"]
    assert len(model.fit(X, Y, epochs=5, verbose=0)["loss"]) == 5


def test_best_weights_are_those_of_the_best_epoch():
    model = model_of(optimizer=optimizers.SGD(0.1))
    held = X[:30], Y[:30]
    history = model.fit(
        X[30:], Y[30:], epochs=12, validation_data=held, verbose=0, patience=12, batch_size=4
    )
    best = min(history["val_loss"])
    assert best < history["val_loss"][-1]
    assert model.evaluate(*held, verbose=0).loss == pytest.approx(best, rel=1e-5)


def test_the_split_is_stated():
    model = model_of()
    told = model.fit(X, Y, validation_split=0.25, verbose=0).split
    assert told == "trained on the first 45 rows, validated on the last 15"
    assert model.fit(X, Y, verbose=0).split == "trained on 60 rows, no validation rows"
    assert codes(lambda: model.fit(X, Y, validation_split=0.999)) == ["split-empty"]
    assert codes(lambda: model.fit(X, Y, validation_split=1.5)) == ["param-invalid"]


def test_validation_rows_are_looked_at_too():
    model = model_of()
    held = np.full((3, 4), np.nan), np.zeros(3)
    assert codes(lambda: model.fit(X, Y, validation_data=held)) == ["not-finite"]


def test_progress_is_a_line_for_each_epoch_or_silence(capsys, monkeypatch):
    monkeypatch.setattr(interface, "unavailable_reason", lambda: "no compiler")
    model = model_of()
    model.fit(X, Y, epochs=2, validation_split=0.5)
    head, first, second = capsys.readouterr().out.splitlines()
    told = "trained on the first 30 rows, validated on the last 30"
    assert head == f"{told}, without native kernels (no compiler)"
    assert first.startswith("Epoch 1/2 - ")
    assert all(f" {name}: " in second for name in ("loss", "mae", "val_loss", "val_mae"))
    model.fit(X, Y, verbose=0)
    assert capsys.readouterr().out == ""


def test_scores_are_read_by_name_by_place_and_as_a_number():
    scores = model_of().evaluate(X, Y, verbose=0)
    loss, mae = scores
    assert (scores["loss"], scores.mae, scores[1]) == (loss, mae, mae)
    assert float(scores) == loss
    assert dict(scores) == scores.to_dict() == {"loss": loss, "mae": mae}
    assert repr(Scores({"loss": 0.5})) == "Scores(loss: 0.5000)"
    with pytest.raises(KeyError, match="did you mean 'mae'"):
        scores["mea"]
    with pytest.raises(AttributeError, match="there are loss, mae"):
        scores.accuracy  # noqa: B018


def test_an_only_score_is_a_number_as_in_keras():
    score = make_scores({"loss": 0.25})
    assert isinstance(score, Score)
    assert isinstance(make_scores({"loss": 0.25, "mae": 1.0}), Scores)
    assert (score * 4, f"{score:.1f}", score < 1, round(score, 1)) == (1.0, "0.2", True, 0.2)
    (loss,) = score
    assert loss == score[0] == score["loss"] == score.loss == float(score) == dict(score)["loss"]
    assert (len(score), repr(score)) == (1, "Scores(loss: 0.2500)")
    with pytest.raises(IndexError):
        score[1]
    with pytest.raises(KeyError, match="did you mean 'loss'"):
        score["los"]
    points = Input((4,), name="points")
    model = Model(points, layers.Dense(1, name="price")(points))
    model.compile("sgd", "mse")
    assert np.sqrt(model.evaluate(X, Y, verbose=0)) > 0
    assert model.train_on_batch(X, Y) > 0


def test_a_history_gives_scores_by_name_and_suggests():
    history = model_of().fit(X, Y, verbose=0)
    assert set(history) == {"loss", "mae"}
    with pytest.raises(KeyError, match="did you mean 'loss'"):
        history["los"]


def test_things_chosen_by_class_are_those_chosen_by_name():
    points = Input((4,), name="points")
    model = Model(points, layers.Dense(1, kernel_regularizer=regularizers.L2(0.1))(points))
    model.compile(
        optimizers.SGD(0.01, momentum=0.9),
        losses.Huber(2.0),
        metrics=[metrics.MeanAbsoluteError(), "rmse"],
        schedule=schedules.CosineDecay(),
    )
    assert model.graph["dense"].params == {
        "loss": {"kind": "Huber", "params": {"delta": 2.0}},
        "metrics": [{"kind": "MeanAbsoluteError", "params": {}}, "rmse"],
    }
    scores = model.fit(X, Y, epochs=2, verbose=0)
    assert set(scores) == {"loss", "mae", "rmse", "dense_head/kernel_penalty"}
    assert model.evaluate(X, Y, verbose=0).names == ("loss", "mae", "rmse")
    assert {"RMSprop", "Adam"} <= set(dir(optimizers))
    with pytest.raises(AttributeError, match="did you mean 'Adam'"):
        optimizers.Adm


def test_units_and_labels_are_told_to_compile():
    points = Input((4,), name="points")
    price = layers.Dense(1, name="price")(points)
    kind = layers.Dense(2, activation="softmax", name="kind")(points)
    model = Model(points, [price, kind])
    model.compile(
        "sgd",
        ["mse", "categorical_crossentropy"],
        units={"price": "euros"},
        labels={"kind": ["flat", "house"]},
    )
    assert model.graph["price"].params == {"loss": "mse", "unit": "euros"}
    assert model.graph["kind"].params["labels"] == ["flat", "house"]
    words = np.where(Y > 0, "house", "flat")
    assert "kind_loss" in set(model.fit(X, {"price": Y, "kind": words}, verbose=0))
    alone = Model(points, kind)
    alone.compile("sgd", "categorical_crossentropy", labels=["flat", "house"])
    assert alone.graph["kind"].params["labels"] == ["flat", "house"]


def test_an_output_without_a_loss_is_predicted_only():
    points = Input((4,), name="points")
    kind = layers.Dense(3, activation="softmax", name="kind")(points)
    model = Model(points, [layers.Dense(1, name="price")(points), kind])
    model.compile("sgd", {"price": "mse"})
    for y in (Y, {"price": Y}, [Y, None]):
        assert set(model.fit(X, y, verbose=0)) == {"loss", "price_loss"}
    assert [a.shape for a in model.predict(X)] == [(60, 1), (60, 3)]


def test_a_standardised_target_is_scored_and_predicted_in_its_own_unit():
    dear = 1000 * Y + 50_000
    model = model_of(standardize=["price"])
    history = model.fit(X, dear, epochs=20, batch_size=10, validation_split=0.2, verbose=0)
    assert history["val_loss"][-1] < history["val_loss"][0] < 10
    error = np.abs(model.predict(X)[:, 0] - dear).mean()
    assert model.evaluate(X, dear, verbose=0).mae == pytest.approx(error, rel=1e-4)
    assert codes(lambda: model.compile("sgd", "mse", standardize="prise")) == ["port-unknown"]


def test_a_history_tells_errors_in_the_target_s_own_unit_as_evaluate_does():
    dear = 1000 * Y + 50_000
    model = model_of(optimizer=optimizers.SGD(1e-12), standardize=["price"])
    held = X[:20], dear[:20]
    history = model.fit(X, dear, validation_data=held, verbose=0, batch_size=60)
    scores = [history["mae"][-1], model.evaluate(X, dear, verbose=0).mae]
    scores += [model.test_on_batch(X, dear).mae, model.train_on_batch(X, dear).mae]
    assert scores == pytest.approx([scores[0]] * 4, rel=1e-5)
    assert scores[0] > 100
    assert history["val_mae"][-1] == pytest.approx(model.evaluate(*held, verbose=0).mae, rel=1e-5)


def test_a_second_fit_keeps_units_and_labels_of_the_first():
    """Else the network's numbers would come to mean other prices, and other classes."""
    model = model_of(standardize=["price"])
    model.fit(X, 1000 * Y, epochs=2, verbose=0)
    before = model.predict(X)
    model.fit(X, 1000 * Y + 1e6, verbose=0, batch_size=60)
    assert np.abs(model.predict(X) - before).max() < 1e4
    points = Input((4,), name="points")
    kind = Model(points, layers.Dense(3, activation="softmax", name="kind")(points))
    kind.compile("sgd", "categorical_crossentropy")
    kind.fit(X, np.array([*"abc"] * 20), verbose=0)
    assert codes(lambda: kind.fit(X, np.array([*"bcd"] * 20))) == ["label-unknown"]
    kind.compile("sgd", "categorical_crossentropy", labels=["d", "c", "b"])
    kind.fit(X, np.array([*"bcd"] * 20), verbose=0)


def test_rows_that_fit_was_given_are_named_when_they_are_scored(capsys):
    model = model_of()
    model.fit(X, Y, verbose=0)
    scores = model.evaluate(X, Y)
    assert [note.code for note in scores.notes] == ["scored-on-trained"]
    assert "60 rows, the rows passed to fit - loss: " in capsys.readouterr().out
    for x, y in ((X[:30], Y[:30]), (X[::-1].copy(), Y), (X, Y + 1)):
        assert not model.evaluate(x, y, verbose=0).notes


def test_numbers_of_numpy_are_numbers():
    model = model_of()
    model.compile("sgd", "mse", loss_weights=np.array([2.0]))
    model.fit(X, Y, np.int64(8), np.int64(2), verbose=0, initial_epoch=np.int32(1))
    assert model.evaluate(X, Y, batch_size=np.int64(8), verbose=0).loss > 0
    assert model.predict(X, batch_size=None).shape == (60, 1)
    listed = model.evaluate(X.tolist(), list(Y), sample_weight=list(np.ones(60)), verbose=0)
    assert listed == model.evaluate(X, Y, verbose=0)


def test_no_epochs_left_train_nothing():
    model = model_of()
    before = model.get_weights()
    history = model.fit(X, Y, epochs=2, initial_epoch=2, verbose=0)
    assert (history.history, history.end_reason) == ({}, "all epochs are done")
    assert all(map(np.array_equal, before, model.get_weights()))


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"epochs": 0}, "param-invalid"),
        ({"batch_size": 0}, "param-invalid"),
        ({"callbacks": []}, "param-unknown"),
        ({"initial_epoch": -1}, "param-invalid"),
        ({"initial_epoch": "1"}, "param-invalid"),
        ({"validation_data": X}, "param-invalid"),
        ({"validation_data": 3}, "param-invalid"),
        ({"validation_data": (X,)}, "param-invalid"),
        ({"sample_weight": np.ones(3)}, "rows-differ"),
        ({"sample_weight": -np.ones(60)}, "not-finite"),
        ({"sample_weight": {"prise": np.ones(60)}}, "port-unknown"),
        ({"class_weight": {0: 1.0}}, "class-weight-unfit"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, code):
    model = model_of()
    assert codes(lambda: model.fit(X, Y, **options)) == [code]


def test_weights_that_let_no_row_count_are_told():
    with pytest.warns(UserWarning, match="weight-unfit"):
        model_of().fit(X, Y, sample_weight=np.zeros(60), verbose=0)
    held_out = np.where(np.arange(60) < 45, 0.0, 1.0)
    with pytest.warns(UserWarning, match="is not trained"):
        model_of().fit(X, Y, sample_weight=held_out, validation_split=0.25, verbose=0)


def test_class_weights_name_outputs_and_classes_that_there_are():
    points = Input((4,), name="points")
    heads = [layers.Dense(2, activation="softmax", name=n)(points) for n in ("one", "two")]
    model = Model(points, heads)
    model.compile("sgd", "sparse_categorical_crossentropy")
    y = {"one": (Y > 0).astype(int), "two": (Y < 0).astype(int)}
    model.fit(X, y, class_weight={"one": {0: 1.0, 1: 2.0}}, verbose=0)
    for given, code in (
        ({0: 1.0}, "class-weight-unfit"),
        ({"one": {5: 1.0}}, "class-weight-unfit"),
        ({"oen": {0: 1.0}}, "port-unknown"),
    ):
        assert codes(lambda given=given: model.fit(X, y, class_weight=given)) == [code]


@pytest.mark.parametrize(
    ("x", "code"),
    [
        (np.ones((60, 5)), "array-shape"),
        (np.ones(()), "array-dtype"),
        ((row for row in X), "array-dtype"),
        ([[1, 2], [3]], "array-dtype"),
        (np.ones((60, 4), complex), "array-dtype"),
        (np.ones((59, 4)), "rows-differ"),
        (np.ones((0, 4)), "rows-differ"),
        ([], "rows-differ"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(x, code):
    model = model_of()
    assert codes(lambda: model.fit(x, Y)) == [code]


def test_no_rows_are_no_data():
    model = model_of()
    assert codes(lambda: model.fit(np.ones((0, 4)), np.ones(0))) == ["no-rows"]


def test_few_rows_are_told_and_single_rows_can_be_predicted_and_scored():
    model = model_of()
    with pytest.warns(UserWarning, match="few-rows"):
        model.fit(X[:8], Y[:8], verbose=0)
    assert model.predict(X[:1]).shape == (1, 1)
    assert model.evaluate(X[:1], Y[:1], verbose=0).loss >= 0


def test_precision_and_batches_of_two_models_with_one_layer_do_not_collide():
    dense = layers.Dense(1, name="price")
    points = Input((4,), name="points")
    narrow, wide = Model(points, dense(points)), Model(points, dense(points))
    narrow.compile("sgd", "mse")
    wide.compile("adam", "mse", precision="float64")
    for model in (narrow, wide, narrow):
        model.fit(X, Y, verbose=0)
    assert narrow.predict(X).dtype == np.float32
    assert wide.predict(X).dtype == np.float64
    np.testing.assert_allclose(narrow.predict(X), wide.predict(X), rtol=1e-5)

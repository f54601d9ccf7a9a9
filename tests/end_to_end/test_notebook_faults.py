"""What went wrong in the notebook, and what Keras is silent about, is told by code, in time."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from engine import DiagnosticWarning, Input, Model, layers
from tests.end_to_end import cells
from tests.end_to_end.told import refused as errors_of

RANDOM = np.random.default_rng(0)


def refused(act: Callable[[], object]) -> list:
    """Return the findings that an act is refused with; its text names the line in this file."""
    return errors_of(act, __file__)


@contextmanager
def noticed(*codes: str) -> Iterator[None]:
    """Hold the findings that are told as warnings against `codes`, each at a line of this file."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        yield
    found = [each.message for each in told if isinstance(each.message, DiagnosticWarning)]
    assert sorted(each.diagnostic.code for each in found) == sorted(codes)
    assert {each.filename for each in told} <= {__file__}


def classifier() -> Model:
    points = Input(shape=(64,), name="points")
    x = layers.Dense(8, activation="relu")(points)
    model = Model(points, layers.Dense(10, activation="softmax", name="label")(x))
    model.compile("rmsprop", "categorical_crossentropy")
    return model


def regression(metrics: object = None) -> Model:
    points = Input(shape=(4,), name="points")
    model = Model(points, layers.Dense(1, name="price")(points))
    model.compile("sgd", "mse", metrics=metrics)
    return model


def answering(text_vocabulary: int = 50, question_vocabulary: int = 30) -> Model:
    model = cells.question_answering(text_vocabulary, question_vocabulary)
    model.compile("rmsprop", "categorical_crossentropy")
    return model


def small_posts(**sizes: int) -> Model:
    model = cells.posts(vocabulary=200, width=16, **sizes)
    model.compile("rmsprop", cells.LOSSES)
    return model


def test_swapped_arguments_of_an_embedding_are_seen_by_the_data():
    text = Input(shape=(None,), dtype="int32", name="text")
    x = layers.GlobalMaxPooling1D()(layers.Embedding(64, 10_000, name="words")(text))
    with noticed("embedding-wide"):
        model = Model(text, layers.Dense(1, name="tone")(x))
    model.compile("rmsprop", "mse")
    (found,) = refused(lambda: model.fit(cells.ids(30, 9, 10_000), RANDOM.normal(size=30)))
    assert (found.code, found.node) == ("id-out-of-vocabulary", "words")
    assert "swapped" in found.why
    assert found.fixes[0].edit["params"] == {"input_dim": 10_000, "output_dim": 64}


def test_posts_of_100_steps_are_too_short_for_the_longer_stack():
    model = small_posts(longer=True)
    (found,) = refused(lambda: model.fit(cells.ids(30, 100, 200), cells.answers(30)))
    assert (found.code, found.node) == ("length-too-short", "posts")
    assert found.message == "needs at least 269 steps, the data has 100"
    assert len(found.fixes) > 1


def test_a_standardised_age_drowns_nobody_and_is_predicted_in_years():
    model = cells.posts(vocabulary=200, width=16)
    model.compile("rmsprop", cells.LOSSES, standardize="age")
    ages = RANDOM.integers(40, 100, 40)
    posts = cells.ids(40, 60, 200)
    with noticed():
        model.fit(posts, {**cells.answers(40), "age": ages}, verbose=0)
    assert 40 < model.predict(posts)[0].mean() < 100


def test_accuracy_asked_of_three_outputs_means_the_one_that_fits_each():
    model = cells.posts(vocabulary=200, width=16)
    with noticed("metric-unfit"):
        model.compile("rmsprop", cells.LOSSES, metrics=["acc"])
    scores = model.evaluate(cells.ids(30, 60, 200), cells.answers(30), verbose=0)
    assert [name for name in scores.names if name.endswith("acc")] == ["gender_acc", "income_acc"]


def test_inputs_listed_in_the_wrong_order_are_named():
    model = answering(text_vocabulary=50, question_vocabulary=30)
    text, question = cells.ids(30, 9, 50), cells.ids(30, 5, 30)
    (found,) = refused(lambda: model.fit([question, text], cells.one_hot(30, cells.ANSWERS)))
    assert found.code == "id-out-of-vocabulary"
    assert found.why == "x is a list in the order text, question"
    assert "Pass a dict" in found.fixes[0].text


def test_a_list_of_inputs_is_shown_with_its_order(capsys):
    rows = [cells.ids(30, 9, 30), cells.ids(30, 5, 30)]
    answering().fit(rows, cells.one_hot(30, cells.ANSWERS))
    assert "text is array 1 (30, 9), question is array 2 (30, 5)" in capsys.readouterr().out


def test_targets_listed_in_the_wrong_order_are_named():
    age, income, gender = cells.answers(30).values()
    model = small_posts()
    found = refused(lambda: model.fit(cells.ids(30, 60, 200), [income, age, gender]))
    assert found[0].why == "y is a list in the order age, income, gender"


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ({"text": 1, "qestion": 1}, None, "no input called \"qestion\"; did you mean 'question'?"),
        ({"text": 1}, None, "the input question gets no data"),
        ({"text": 1, "question": 1}, {"answr": 1}, 'no output called "answr"'),
        ([1], None, "x has 1 entries instead of 2: text, question"),
        (1, None, "x is one array, but the model has 2 inputs"),
    ],
)
def test_names_that_do_not_fit_are_errors(x, y, said):
    rows = cells.ids(30, 5, 20)
    fed = dict.fromkeys(x, rows) if isinstance(x, dict) else [rows] if isinstance(x, list) else rows
    targets = cells.one_hot(30, cells.ANSWERS)
    aims = dict.fromkeys(y, targets) if y else targets
    model = answering()
    assert said in refused(lambda: model.fit(fed, aims))[0].message


def test_an_input_that_no_output_uses_is_told_by_name():
    text, points = Input((4,), name="text"), Input((4,), name="points")
    with noticed("input-unused"):
        model = Model([text, points], layers.Dense(1, name="price")(points))
    model.compile("sgd", "mse")
    rows = RANDOM.normal(size=(30, 4))
    model.fit([rows, rows], rows.sum(1), verbose=0)
    assert model.input_names == ("text", "points")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"metrics": ["acuracy"]}, "accuracy"),
        ({"loss": "categorical_crosentropy"}, "categorical_crossentropy"),
        ({"optimizer": "rmsprp"}, "rmsprop"),
        ({"loss": {"lable": "mse"}}, "label"),
        ({"loss_weights": {"labl": 1.0}}, "label"),
        ({"metrics": {"labe": "acc"}}, "label"),
    ],
)
def test_words_that_compile_does_not_know_get_a_suggestion(told, said):
    model = classifier()
    usual = {"optimizer": "rmsprop", "loss": "categorical_crossentropy"}
    (found,) = refused(lambda: model.compile(**{**usual, **told}))
    assert said.lower() in " ".join(fix.text for fix in found.fixes).lower()


def test_training_without_compile_is_refused():
    points = Input((4,), name="points")
    model = Model(points, layers.Dense(1, name="price")(points))
    (found,) = refused(lambda: model.fit(RANDOM.normal(size=(30, 4)), np.arange(30)))
    assert found.code == "nothing-to-train"
    assert model.predict(RANDOM.normal(size=(3, 4))).shape == (3, 1)


def test_a_loss_that_runs_away_is_told_with_a_way_out():
    rows = RANDOM.normal(size=(64, 4)) * 1e4
    model = regression()
    with noticed("target-scale"):
        (found,) = refused(lambda: model.fit(rows, rows[:, 0], epochs=50, verbose=0))
    assert found.code == "diverged"


def test_two_layers_of_one_name_are_refused_and_alike_branches_share_nothing():
    points = Input((4,), name="points")
    twins = [layers.Dense(3, name="twin")(points) for _ in range(2)]
    (found,) = refused(lambda: Model(points, layers.add(twins)))
    assert found.code == "duplicate-name"
    model = Model(points, layers.add([layers.Dense(3)(points), layers.Dense(3)(points)]))
    assert model.count_params() == 2 * 15

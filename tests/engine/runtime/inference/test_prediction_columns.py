"""Predictions as a table: names of columns, labels, units, beside each row's own columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.check.report import check
from engine.data.encoders import (
    BooleanEncoder,
    CategoryEncoder,
    MultilabelEncoder,
    NumberEncoder,
)
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.table.column_types import text_column
from engine.runtime.inference.prediction_columns import append_predictions, prediction_columns
from tests.engine.runtime.small import node, project


def head(units, loss=None, activation="linear", shape=(3,), **params):
    given = project(
        node("x", "Input", shape=list(shape)),
        node("d", "Dense", "x", units=units, activation=activation),
        node("y", "Output", "d", loss=loss, **params),
    )
    report = check(given)
    assert {found.code for found in report.errors} <= {"nothing-to-train"}
    return list(report.heads.values())


def told(heads, values, encoder=None):
    targets = {"y": encoder} if encoder else {}
    return prediction_columns(
        heads, {"y": np.asarray(values, "float32")}, FittedEncoders(targets=targets)
    )


CLASSES = head(3, "categorical_crossentropy", "softmax")
YES = head(1, "binary_crossentropy", "sigmoid")
ROWS = [[0.2, 0.5, 0.3], [0.9, 0.05, 0.05]]


def test_a_number_stands_in_its_unit():
    answer = told(
        head(1, "mse"),
        [[0.0], [1.0]],
        NumberEncoder(scale="standardize", center=(40.0,), spread=(12.0,)),
    )
    assert {name: values.tolist() for name, values in answer.items()} == {"y": [40.0, 52.0]}


def test_several_numbers_are_numbered():
    answer = told(
        head(2, "mse"),
        [[1, 2], [3, 4]],
        NumberEncoder(scale="standardize", center=(1.0, 2.0), spread=(1.0, 10.0)),
    )
    assert list(answer) == ["y_0", "y_1"]
    assert answer["y_1"].tolist() == [22.0, 42.0]


def test_no_column_of_one_output_takes_the_place_of_another_output():
    """The outputs y, y_0 and y_probability: each keeps its own name, all columns are there."""
    wide, (yes,) = head(2, "mse")[0], YES
    plain = head(1, "mse")[0]
    heads = [wide, replace(plain, name="y_0")]
    values = {"y": np.array([[1, 2]], "float32"), "y_0": np.array([[7]], "float32")}
    for order in (heads, heads[::-1]):
        answer = prediction_columns(order, values, FittedEncoders())
        assert {name: column.tolist() for name, column in answer.items()} == {
            "y_0_of_y": [1.0], "y_1": [2.0], "y_0": [7.0]
        }  # fmt: skip
    heads = [yes, replace(plain, name="y_probability")]
    values = {"y": np.array([[0.75]]), "y_probability": np.array([[7.0]])}
    for order in (heads, heads[::-1]):
        answer = prediction_columns(order, values, FittedEncoders())
        assert {name: column.tolist() for name, column in answer.items()} == {
            "y": [1], "y_probability_of_y": [0.75], "y_probability": [7.0]
        }  # fmt: skip


def test_an_answer_with_steps_is_spread_over_columns():
    answer = told(head(2, "mse", shape=(2, 3)), np.arange(8).reshape(2, 2, 2))
    assert list(answer) == ["y_0", "y_1", "y_2", "y_3"]


def test_a_class_is_its_label_from_the_data_else_from_the_output_else_its_number():
    labels = head(3, "categorical_crossentropy", "softmax", labels=["a", "b", "c"])
    category = CategoryEncoder(labels=("x", "y", "z"), hot=True)
    assert told(labels, ROWS, category)["y"].tolist() == ["y", "x"]
    assert told(labels, ROWS)["y"].tolist() == ["b", "a"]
    assert told(CLASSES, ROWS)["y"].tolist() == [1, 0]
    assert told(CLASSES, ROWS)["y_probability"].tolist() == pytest.approx([0.5, 0.9])


def test_one_answer_is_yes_or_no():
    labels = head(1, "binary_crossentropy", "sigmoid", labels=["out", "in"])
    rows = [[0.5], [0.49]]
    assert told(labels, rows)["y"].tolist() == ["in", "out"]
    assert told(YES, rows)["y"].tolist() == [1, 0]
    assert told(YES, rows, BooleanEncoder(labels=("no", "yes")))["y"].tolist() == ["yes", "no"]
    assert told(YES, [[0.75], [0.25]])["y_probability"].tolist() == [0.75, 0.75]  # of no as of yes


def test_an_output_that_only_predicts_gives_its_numbers():
    assert told(head(2), [[1, 2]])["y_0"].tolist() == [1.0]


def test_rows_keep_their_own_columns_first_and_no_prediction_takes_the_place_of_one():
    """As where the table that was trained on is predicted: it holds the target itself."""
    own = {
        "y": text_column(["a", ""]),
        "x": np.array([1.0, np.nan]),
        "y_predicted": np.array([0, 0]),
    }
    labels = head(3, "categorical_crossentropy", "softmax", labels=["a", "b", "c"])
    answer = append_predictions(own, told(labels, ROWS))
    assert list(answer) == ["y", "x", "y_predicted", "y_predicted_2", "y_probability"]
    assert answer["y"] is own["y"]
    assert answer["y_predicted_2"].to_pylist() == ["b", "a"]
    assert list(append_predictions({"x": own["x"]}, told(labels, ROWS))) == [
        "x",
        "y",
        "y_probability",
    ]


def test_two_predictions_that_a_table_s_columns_displace_have_a_name_each():
    own = {"y": np.zeros(1), "y_predicted": np.zeros(1)}
    found = append_predictions(own, {"y": np.ones(1), "y_predicted": np.full(1, 2.0)})
    assert list(found) == ["y", "y_predicted", "y_predicted_2", "y_predicted_predicted"]
    assert found["y_predicted_predicted"].tolist() == [2.0]


def test_the_label_of_a_logit_is_that_of_its_probability():
    """As in `engine evaluate`: the loss takes logits, so 0 and not 0.5 is the boundary."""
    yes = head(1, {"kind": "binary_crossentropy", "params": {"from_logits": True}})
    answer = told(yes, [[0.3], [-0.3]], BooleanEncoder(labels=("no", "yes")))
    assert answer["y"].tolist() == ["yes", "no"]
    assert answer["y_probability"].tolist() == pytest.approx([1 / (1 + np.exp(-0.3))] * 2)
    classes = head(3, {"kind": "categorical_crossentropy", "params": {"from_logits": True}})
    shares = told(classes, [[1.0, 2.0, 0.0]])["y_probability"]
    assert shares.tolist() == pytest.approx([np.exp(2) / np.exp([0, 1, 2]).sum()])


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_the_boundary_of_a_hinge_loss_is_zero_and_its_scores_are_no_probabilities(loss):
    answer = told(head(1, loss, "tanh"), [[0.2], [-0.2]], BooleanEncoder(labels=("no", "yes")))
    assert {name: column.tolist() for name, column in answer.items()} == {"y": ["yes", "no"]}


def test_one_label_alone_is_predicted_or_none():
    answer = told(YES, [[0.7], [0.2]], MultilabelEncoder(labels=("red",)))
    assert answer["y"].tolist() == ["red", ""]
    assert answer["y_red"].tolist() == pytest.approx([0.7, 0.2])


def test_labels_of_a_dynamic_axis_are_those_of_the_data():
    given = project(
        node("x", "Input", shape=[None]), node("y", "Output", "x", loss="binary_crossentropy")
    )
    heads = list(check(given).heads.values())
    answer = told(heads, [[0.7, 0.2]], MultilabelEncoder(labels=("red", "blue")))
    assert list(answer) == ["y", "y_red", "y_blue"]
    assert answer["y"].tolist() == ["red"]

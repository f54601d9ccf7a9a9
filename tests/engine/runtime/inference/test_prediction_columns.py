"""Predictions as a table: names of columns, labels, units, beside each row's own columns."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.check.report import check
from engine.data.encoders import (
    BooleanEncoder,
    CategoryEncoder,
    MultilabelEncoder,
    NumberEncoder,
)
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.table.column_types import text_column
from engine.runtime.inference.prediction_columns import (
    append_predictions,
    prediction_columns,
    round_to_scale,
)
from tests.engine.runtime.small import node, project


def head(units, loss=None, activation="linear", shape=(3,), **params):
    net = project(
        node("x", "Input", shape=list(shape)),
        node("d", "Dense", "x", units=units, activation=activation),
        node("y", "Output", "d", loss=loss, **params),
    )
    report = check(net)
    assert {found.code for found in report.errors} <= {"nothing-to-train"}
    return list(report.heads.values())


def told(heads, values, encoder=None, **options):
    targets = {"y": encoder} if encoder else {}
    return prediction_columns(
        heads, {"y": np.asarray(values, "float32")}, FittedEncoders(targets=targets), **options
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
    assert {name: values.tolist() for name, values in answer.items()} == {
        "y_predicted": [40.0, 52.0]
    }


def test_several_numbers_are_numbered():
    answer = told(
        head(2, "mse"),
        [[1, 2], [3, 4]],
        NumberEncoder(scale="standardize", center=(1.0, 2.0), spread=(1.0, 10.0)),
    )
    assert list(answer) == ["y_predicted_0", "y_predicted_1"]
    assert answer["y_predicted_1"].tolist() == [22.0, 42.0]


def test_no_column_of_one_output_takes_the_place_of_another_output():
    """The outputs y and y_probability, of which y has a label "predicted"."""
    plain = replace(head(1, "mse")[0], name="y_probability")
    labels = head(3, "categorical_crossentropy", "softmax", labels=["a", "b", "predicted"])
    values = {"y": np.array(ROWS[:1]), "y_probability": np.array([[7.0]])}
    for order in ([*labels, plain], [plain, *labels]):
        answer = prediction_columns(order, values, FittedEncoders(), probabilities=True)
        assert len(answer) == 6
        assert answer["y_predicted"].tolist() == ["b"]


def test_an_answer_with_steps_is_spread_over_columns():
    answer = told(head(2, "mse", shape=(2, 3)), np.arange(8).reshape(2, 2, 2))
    assert list(answer) == [f"y_predicted_{place}" for place in range(4)]


def test_a_class_is_its_label_from_the_data_else_from_the_output_else_its_number():
    labels = head(3, "categorical_crossentropy", "softmax", labels=["a", "b", "c"])
    category = CategoryEncoder(labels=("x", "y", "z"), hot=True)
    assert told(labels, ROWS, category)["y_predicted"].tolist() == ["y", "x"]
    assert told(labels, ROWS)["y_predicted"].tolist() == ["b", "a"]
    assert told(CLASSES, ROWS)["y_predicted"].tolist() == [1, 0]
    assert told(CLASSES, ROWS)["y_probability"].tolist() == pytest.approx([0.5, 0.9])


def test_one_answer_is_yes_or_no():
    labels = head(1, "binary_crossentropy", "sigmoid", labels=["out", "in"])
    rows = [[0.5], [0.49]]
    assert told(labels, rows)["y_predicted"].tolist() == ["in", "out"]
    assert told(YES, rows)["y_predicted"].tolist() == [1, 0]
    assert told(YES, rows, BooleanEncoder(labels=("no", "yes")))["y_predicted"].tolist() == [
        "yes",
        "no",
    ]
    assert told(YES, [[0.75], [0.25]])["y_probability"].tolist() == [0.75, 0.75]  # of no as of yes


def test_an_output_that_only_predicts_gives_its_numbers():
    assert told(head(2), [[1, 2]])["y_predicted_0"].tolist() == [1.0]


def test_rows_keep_their_own_columns_first_and_predictions_their_names():
    """As where the table that was trained on is predicted: it holds the target itself."""
    own = {
        "y": text_column(["a", ""]),
        "x": np.array([1.0, np.nan]),
        "y_predicted": np.array([0, 0]),
    }
    labels = head(3, "categorical_crossentropy", "softmax", labels=["a", "b", "c"])
    for columns in (own, {"x": own["x"]}):
        answer = append_predictions(columns, told(labels, ROWS))
        kept = [name for name in columns if name != "y_predicted"]
        assert list(answer) == [*kept, "y_predicted", "y_probability"]
        assert answer["y_predicted"].to_pylist() == ["b", "a"]
    assert append_predictions(own, told(labels, ROWS))["y"] is own["y"]


def test_each_label_has_a_probability_if_asked_for():
    ask = {"probabilities": True}
    labels = head(3, "categorical_crossentropy", "softmax", labels=["a", "b", "c"])
    answer = told(labels, ROWS, **ask)
    assert list(answer)[2:] == ["y_probability_a", "y_probability_b", "y_probability_c"]
    assert answer["y_probability_b"].tolist() == [0.5, 0.05]
    answer = told(YES, [[0.75]], BooleanEncoder(labels=("no", "yes")), **ask)
    assert {name: column.tolist() for name, column in answer.items()} == {
        "y_predicted": ["yes"], "y_probability": [0.75],
        "y_probability_no": [0.25], "y_probability_yes": [0.75],
    }  # fmt: skip


@given(
    st.lists(st.floats(1e-6, 1e12) | st.floats(-1e12, -1e-6) | st.just(0.0), min_size=1),
    st.sampled_from([None, 1e-7, 0.03, 1.0, 12.0, 5e8]),
)
@example([-67108864.953125], 1.0)  # in the middle, and no double is at the rounded decimal
def test_numbers_have_six_digits_of_the_scale_of_the_target(numbers, scale):
    encoder = scale and NumberEncoder(scale="standardize", center=(0.0,), spread=(scale,))
    rounded = round_to_scale(np.array(numbers)[:, None], encoder)[:, 0]
    for number, value in zip(numbers, rounded.tolist(), strict=True):
        digits = 5 - math.floor(math.log10(scale or abs(number) or 1))
        half = 0.5 * 10.0**-digits  # a number in the middle may be rounded either way
        # The rounded decimal is a double only up to the distance of two doubles.
        limit = half * (1 + 1e-9) + math.ulp(number)
        assert value == pytest.approx(number, rel=1e-15, abs=limit)
        if abs(number) < 1e6 * (scale or abs(number) or 1):
            assert len(re.sub(r"\D|e.*", "", repr(value)).strip("0")) <= 12


def test_the_label_of_a_logit_is_that_of_its_probability():
    """As in `engine evaluate`: the loss takes logits, so 0 and not 0.5 is the boundary."""
    yes = head(1, {"kind": "binary_crossentropy", "params": {"from_logits": True}})
    answer = told(yes, [[0.3], [-0.3]], BooleanEncoder(labels=("no", "yes")))
    assert answer["y_predicted"].tolist() == ["yes", "no"]
    assert answer["y_probability"].tolist() == pytest.approx([1 / (1 + np.exp(-0.3))] * 2)
    classes = head(3, {"kind": "categorical_crossentropy", "params": {"from_logits": True}})
    shares = told(classes, [[1.0, 2.0, 0.0]])["y_probability"]
    assert shares.tolist() == pytest.approx([np.exp(2) / np.exp([0, 1, 2]).sum()])


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_the_boundary_of_a_hinge_loss_is_zero_and_its_scores_are_no_probabilities(loss):
    answer = told(head(1, loss, "tanh"), [[0.2], [-0.2]], BooleanEncoder(labels=("no", "yes")))
    assert {name: column.tolist() for name, column in answer.items()} == {
        "y_predicted": ["yes", "no"]
    }


def test_one_label_alone_is_predicted_or_none():
    answer = told(YES, [[0.7], [0.2]], MultilabelEncoder(labels=("red",)), probabilities=True)
    assert answer["y_predicted"].tolist() == ["red", ""]
    assert answer["y_probability_red"].tolist() == pytest.approx([0.7, 0.2])


def test_labels_of_a_dynamic_axis_are_those_of_the_data():
    net = project(
        node("x", "Input", shape=[None]), node("y", "Output", "x", loss="binary_crossentropy")
    )
    heads = list(check(net).heads.values())
    encoder = MultilabelEncoder(labels=("red", "blue"))
    answer = told(heads, [[0.7, 0.2]], encoder, probabilities=True)
    assert list(answer) == ["y_predicted", "y_probability_red", "y_probability_blue"]
    assert answer["y_predicted"].tolist() == ["red"]

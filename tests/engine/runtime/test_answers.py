"""Predictions as a table: names of columns, labels, files that no program takes for code."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

from engine.check.report import check
from engine.core.diagnostic import Refused
from engine.data.encoders import Boolean, Category, Number
from engine.data.fitted import Fitted
from engine.runtime.answers import FORMULA, columns, write_columns
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
    return columns(heads, {"y": np.asarray(values, "float32")}, Fitted(targets=targets))


CLASSES = head(3, "categorical_crossentropy", "softmax")
YES = head(1, "binary_crossentropy", "sigmoid")
ROWS = [[0.2, 0.5, 0.3], [0.9, 0.05, 0.05]]


def test_a_number_stands_in_its_unit():
    answer = told(
        head(1, "mse"), [[0.0], [1.0]], Number(scale="standardize", center=(40.0,), spread=(12.0,))
    )
    assert {name: values.tolist() for name, values in answer.items()} == {"y": [40.0, 52.0]}


def test_several_numbers_are_numbered():
    answer = told(
        head(2, "mse"),
        [[1, 2], [3, 4]],
        Number(scale="standardize", center=(1.0, 2.0), spread=(1.0, 10.0)),
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
        answer = columns(order, values, Fitted())
        assert {name: column.tolist() for name, column in answer.items()} == {
            "y_0_of_y": [1.0], "y_1": [2.0], "y_0": [7.0]
        }  # fmt: skip
    heads = [yes, replace(plain, name="y_probability")]
    values = {"y": np.array([[0.75]]), "y_probability": np.array([[7.0]])}
    for order in (heads, heads[::-1]):
        answer = columns(order, values, Fitted())
        assert {name: column.tolist() for name, column in answer.items()} == {
            "y": [1], "y_probability_of_y": [0.75], "y_probability": [7.0]
        }  # fmt: skip


def test_an_answer_with_steps_is_spread_over_columns():
    answer = told(head(2, "mse", shape=(2, 3)), np.arange(8).reshape(2, 2, 2))
    assert list(answer) == ["y_0", "y_1", "y_2", "y_3"]


def test_a_class_is_its_label_from_the_data_else_from_the_output_else_its_number():
    labels = head(3, "categorical_crossentropy", "softmax", labels=["a", "b", "c"])
    category = Category(labels=("x", "y", "z"), hot=True)
    assert told(labels, ROWS, category)["y"].tolist() == ["y", "x"]
    assert told(labels, ROWS)["y"].tolist() == ["b", "a"]
    assert told(CLASSES, ROWS)["y"].tolist() == [1, 0]
    assert told(CLASSES, ROWS)["y_probability"].tolist() == pytest.approx([0.5, 0.9])


def test_one_answer_is_yes_or_no():
    labels = head(1, "binary_crossentropy", "sigmoid", labels=["out", "in"])
    rows = [[0.5], [0.49]]
    assert told(labels, rows)["y"].tolist() == ["in", "out"]
    assert told(YES, rows)["y"].tolist() == [1, 0]
    assert told(YES, rows, Boolean(labels=("no", "yes")))["y"].tolist() == ["yes", "no"]


def test_an_output_that_only_predicts_gives_its_numbers():
    assert told(head(2), [[1, 2]])["y_0"].tolist() == [1.0]


@pytest.mark.parametrize("start", FORMULA)
def test_no_cell_or_title_of_a_csv_is_a_formula(tmp_path, start):
    text = f"{start}cmd|' /C calc'!A0"
    write_columns(tmp_path / "out.csv", {text: np.array([text], object)})
    with (tmp_path / "out.csv").open(newline="") as file:
        for row in csv.reader(file):
            assert not row[0].startswith(FORMULA)
            assert row[0] == f"'{text}" or start in "\r\0"


def test_negative_numbers_stay_numbers(tmp_path):
    write_columns(tmp_path / "out.csv", {"y": np.array([-1.5, 2]), "n": np.array([-3, 4])})
    assert (tmp_path / "out.csv").read_text() == "y,n\n-1.5,-3\n2,4\n"


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_no_digit_of_a_number_is_lost_in_a_csv_and_none_is_made_up(tmp_path, kind):
    numbers = np.array([1 / 3, 0.1, 123456789.123, 1e-30, -0.0, 5, np.nan, np.inf], kind)
    write_columns(tmp_path / "out.csv", {"y": numbers})
    cells = (tmp_path / "out.csv").read_text().splitlines()[1:]
    assert np.array(cells).astype(kind).tobytes() == numbers.tobytes()
    assert cells[1] == "0.1"
    assert cells[5] == "5"


def test_commas_quotes_and_other_scripts_come_back_from_a_csv(tmp_path):
    labels = ["a,b", 'say "hi"', "zwei\nZeilen", "größer", "日本"]
    write_columns(tmp_path / "out.csv", {"y": np.array(labels, object)})
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        assert [row[0] for row in csv.reader(file)] == ["y", *labels]


def test_an_npz_holds_the_columns_without_pickles(tmp_path):
    table = {
        "file": np.array(["größer", "a"], object),
        "y_probability": np.array([0.25, 0.5], "float32"),
        "n": np.array([1, 2]),
    }
    write_columns(tmp_path / "out.npz", table)
    with np.load(tmp_path / "out.npz", allow_pickle=False) as back:
        assert set(back) == set(table)
        assert back["file"].tolist() == ["größer", "a"]
        assert back["y_probability"].dtype == np.float32
        assert back["n"].tolist() == [1, 2]


@pytest.mark.parametrize("name", ["out.xlsx", "out", "out.json"])
def test_another_ending_is_refused_and_nothing_is_written(tmp_path, name):
    with pytest.raises(Refused) as caught:
        write_columns(tmp_path / name, {"y": np.zeros(1)})
    (found,) = caught.value.diagnostics
    assert found.code == "data-format"
    assert found.fixes[0].text == "Call it out.csv."
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_a_finding(tmp_path):
    with pytest.raises(Refused):
        write_columns(tmp_path / "nowhere" / "out.csv", {"y": np.zeros(1)})

"""Weights of rows by column: for all outputs or for each, refused by row where there is none."""

from pathlib import Path

import numpy as np
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.core.tensor_spec import TensorSpec
from engine.data.dataset.dataset import build_dataset
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.sample_weights import sample_weights
from engine.data.table.column_types import text_column
from engine.data.table.table import Table
from engine.recipe.data_mapping import DataMapping

ROWS = 6
BOTH = {"column": "w"}
WEIGHTS = np.array([0.5, 1, 2, 0, 1, 3.25])


def table(**columns):
    return Table(Path("data.csv"), {"x": np.ones(ROWS), **columns})


def read(weights, training=True, **columns):
    mapping = DataMapping.from_params({"weights": weights} if weights else {})
    return sample_weights(table(**columns), mapping, ["a", "b"], "float32", training)


def refused(weights=BOTH, **columns):
    with pytest.raises(DiagnosticError) as error:
        read(weights, **columns)
    (found,) = error.value.diagnostics
    return found


@pytest.mark.parametrize(
    "column", [WEIGHTS, WEIGHTS[:, None], text_column([str(weight) for weight in WEIGHTS])]
)
def test_one_column_holds_for_all_outputs(column):
    weights, notes = read(BOTH, w=column)
    assert list(weights) == ["a", "b"]
    assert (weights["a"] == WEIGHTS).all()
    assert (weights["a"].dtype, notes) == (np.float32, [])


def test_an_output_may_have_weights_of_its_own():
    weights, _ = read({"b": {"column": "w"}}, w=WEIGHTS)
    assert list(weights) == ["b"]


def test_whole_numbers_are_weights_too():
    assert read(BOTH, w=np.arange(ROWS))[0]["b"].tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("column", "found"),
    [
        (np.array([1, 2, -0.5, 1, 1, 1]), "-0.5 in row 2"),
        (np.array([1, 2, np.nan, 1, 1, 1]), "nothing in row 2"),
        (np.array([1, 2, np.inf, 1, 1, 1]), "inf in row 2"),
        (text_column(["1", "2", "", "1", "1", "1"]), "nothing in row 2"),
    ],
)
def test_a_row_without_a_sound_weight_is_refused_by_its_number(column, found):
    bad = refused(w=column)
    assert (bad.code, bad.found) == ("weight-unfit", found)
    assert bad.place == "column w, row 2 (counting from 0)"
    assert bad.fixes[-1].edit == {"do": "set_weights", "weights": None}


@pytest.mark.parametrize(
    "column", [np.zeros(ROWS), np.ones((ROWS, 2)), text_column(["a", "b", "c", "d", "e", "f"])]
)
def test_a_column_that_weighs_nothing_is_refused(column):
    assert refused(w=column).code == "weight-unfit"


def test_a_column_that_is_not_there_offers_the_nearest():
    found = refused({"b": {"column": "wieght"}}, weight=WEIGHTS)
    assert (found.code, found.expected) == ("column-missing", "wieght")
    edit = {"do": "set_weights", "weights": {"b": {"column": "weight"}}}
    assert found.fixes[0].edit == edit


def test_rows_that_are_only_scored_may_lack_weights_and_it_is_told():
    weights, (note,) = read(BOTH, training=False)
    assert weights == {}
    assert (note.code, note.severity) == ("column-missing", "warning")


def test_a_dataset_holds_weights_and_its_columns_are_no_longer_unused():
    port = TargetSpec("y", (1,), "number", loss="mse")
    mapping = DataMapping.from_params(
        {"weights": BOTH, "split": {"kind": "time", "params": {"column": "t"}}}
    )
    rows = table(y=np.arange(6.0), w=WEIGHTS, t=np.arange(6))
    dataset = build_dataset(rows, mapping, {"x": TensorSpec((1,))}, [port])
    assert (dataset.weights["y"] == WEIGHTS).all()
    assert dataset.notes == ()
    some = dataset.take(np.array([5, 0]))
    assert some.weights["y"].tolist() == [3.25, 0.5]
    plain = build_dataset(rows, DataMapping(), {"x": TensorSpec((1,))}, [port])
    assert plain.digest() != dataset.digest()

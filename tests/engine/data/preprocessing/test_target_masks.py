"""Targets without a value: refused by row, or masked so that the other outputs still learn."""

from pathlib import Path

import numpy as np
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.core.tensor_spec import TensorSpec
from engine.data.checks.data_check import DataRequirements, check_dataset
from engine.data.dataset.dataset import build_dataset
from engine.data.encoders import NumberEncoder
from engine.data.ports.target_spec import TargetSpec
from engine.data.table.column_types import text_column
from engine.data.table.missing_values import present_mask
from engine.data.table.table import Table
from engine.recipe.data_mapping import DataMapping, Source

ROWS = 40
SPEC = {"x": TensorSpec((1,))}
MASK = "mask"


def port(name, shape, form, classes=None, loss="", missing=MASK, labels=()):
    return TargetSpec(name, shape, form, classes, loss, labels, missing=missing)


NUMBER = port("y", (1,), "number", loss="mse")
PAIR = port("y", (2,), "number", loss="mse")
HOT = port("y", (3,), "onehot", 3, "categorical_crossentropy")
INDEX = port("y", (), "index", 3, "sparse_categorical_crossentropy")
BINARY = port("y", (1,), "binary", 2, "binary_crossentropy")
STEPS = port("y", (4, 1), "number", loss="mse")


def half(values):
    """Every second value is missing."""
    holed = np.array(values, np.float64)
    holed[::2] = np.nan
    return holed


def words(*kinds):
    cells = [kinds[row % len(kinds)] for row in range(ROWS)]
    return text_column([cell if row % 2 else "NA" for row, cell in enumerate(cells)])


def built(target, column, **options):
    table = Table(Path("data.csv"), {"x": np.ones((ROWS, 1)), "y": column})
    mapping = options.pop("mapping", DataMapping())
    return build_dataset(table, mapping, SPEC, [target], **options)


NUMBERS = half(np.arange(ROWS))


@pytest.mark.parametrize(
    ("target", "column"),
    [
        (NUMBER, NUMBERS),
        (NUMBER, text_column([str(n) if n % 2 else "" for n in range(ROWS)])),
        (HOT, words("a", "b", "c")),
        (HOT, half(np.eye(3)[np.arange(ROWS) % 3])),
        (INDEX, words("a", "b", "c")),
        (INDEX, half(np.arange(ROWS) % 3)),
        (BINARY, words("no", "yes", "yes")),
        (BINARY, half(np.arange(ROWS) // 2 % 2)),
    ],
)
def test_a_missing_target_counts_for_nothing_and_stands_as_a_sound_value(target, column):
    dataset = built(target, column)
    assert dataset.masks["y"].tolist() == [bool(row % 2) for row in range(ROWS)]
    assert np.isfinite(dataset.targets["y"]).all()
    assert [found.code for found in dataset.notes] == ["target-masked"]
    assert "20 of 40 rows" in dataset.notes[0].message
    assert not any(found.is_error for found in check_dataset(dataset, DataRequirements((target,))))


def test_of_several_columns_each_cell_counts_by_itself():
    cells = np.arange(2.0 * ROWS).reshape(ROWS, 2)
    cells[3, 1] = np.nan
    dataset = built(PAIR, cells)
    assert dataset.masks["y"].shape == (ROWS, 2)
    assert np.argwhere(~dataset.masks["y"]).tolist() == [[3, 1]]
    assert "1 of 40 rows" in dataset.notes[0].message


def test_a_one_hot_target_of_which_one_cell_is_missing_is_missing():
    shares = np.eye(3)[np.arange(ROWS) % 3]
    shares[4, 0] = np.nan
    dataset = built(HOT, shares)
    assert np.flatnonzero(~dataset.masks["y"]).tolist() == [4]
    assert dataset.targets["y"][4].tolist() == [1, 0, 0]


def test_of_a_sequence_each_step_counts_by_itself():
    steps = np.arange(4.0 * ROWS).reshape(ROWS, 4)
    steps[5, 2:] = np.nan
    dataset = built(STEPS, steps)
    assert dataset.targets["y"].shape == (ROWS, 4, 1)
    assert np.argwhere(~dataset.masks["y"]).tolist() == [[5, 2], [5, 3]]


def test_a_scale_is_fitted_on_the_values_that_are_there():
    scaled = DataMapping(targets={"y": Source(column="y", scale="standardize")})
    dataset = built(NUMBER, NUMBERS, mapping=scaled)
    assert dataset.fitted.targets["y"] == NumberEncoder(
        scale="standardize",
        center=(float(np.nanmean(NUMBERS)),),
        spread=(float(np.nanstd(NUMBERS)),),
        low=(float(np.nanmin(NUMBERS)),),
        high=(float(np.nanmax(NUMBERS)),),
    )
    assert np.flatnonzero(dataset.targets["y"] == 0).tolist() == list(range(0, ROWS, 2))


def test_a_label_is_never_made_of_a_missing_cell():
    assert built(HOT, words("a", "b", "c")).fitted.targets["y"].labels == ("a", "b", "c")


def test_a_label_that_looks_like_a_missing_cell_is_one_if_it_is_listed():
    dataset = built(
        port("y", (3,), "onehot", 3, "categorical_crossentropy", labels=("NA", "ZA", "ZM")),
        words("ZA", "ZM", "ZM"),
    )
    assert dataset.masks == {}
    assert present_mask(text_column(["NA", ""]), ("NA",)).tolist() == [True, False]


def test_targets_that_are_all_there_have_no_mask_and_no_note():
    dataset = built(NUMBER, np.arange(ROWS, dtype=float))
    assert dataset.masks == {}
    assert dataset.notes == ()


@pytest.mark.parametrize(
    ("target", "column"), [(HOT, words("a", "b", "c")), (BINARY, words("no", "yes", "yes"))]
)
def test_a_missing_label_is_refused_with_the_edit_that_masks_it(target, column):
    strict = port("y", target.shape, target.form, target.classes, missing="error")
    with pytest.raises(DiagnosticError) as refused:
        built(strict, column)
    (found,) = refused.value.diagnostics
    assert found.code == "cell-missing"
    assert "rows 0, 2, 4, 6, 8, ..." in found.place
    edit = {"do": "set_params", "node": "y", "params": {"missing": "mask"}}
    assert found.fixes[0].edit == edit


def test_a_missing_number_is_found_by_the_audit_with_the_edit_that_masks_it():
    strict = port("y", (1,), "number", loss="mse", missing="error")
    (found,) = check_dataset(built(strict, NUMBERS), DataRequirements((strict,)))
    assert found.code == "not-finite"
    assert found.fixes[0].edit["params"] == {"missing": "mask"}


def test_an_infinite_target_is_refused_though_missing_ones_are_masked():
    column = NUMBERS.copy()
    column[7] = np.inf
    (found,) = check_dataset(built(NUMBER, column), DataRequirements((NUMBER,)))
    assert (found.code, found.place) == ("not-finite", "row 7 (counting from 0)")


@pytest.mark.parametrize("column", [np.full(ROWS, np.nan), text_column([""] * ROWS)])
def test_a_target_without_any_value_is_refused(column):
    with pytest.raises(DiagnosticError) as refused:
        built(NUMBER if isinstance(column, np.ndarray) else HOT, column)
    (found,) = refused.value.diagnostics
    assert found.code in ("cell-missing", "column-kind")


def test_a_target_without_any_value_in_the_rows_to_train_on_is_refused():
    column = np.where(np.arange(ROWS) < 30, np.nan, np.arange(ROWS))
    with pytest.raises(DiagnosticError) as refused:
        built(NUMBER, column, train=np.arange(30))
    assert refused.value.diagnostics[0].expected == "a value in at least one training row"
    assert built(NUMBER, column).masks["y"].sum() == 10


@pytest.mark.parametrize(
    ("target", "kinds"), [(HOT, "abc"), (BINARY, ["no", "yes"]), (NUMBER, ["1", "20", "400"])]
)
def test_rows_that_are_only_scored_may_have_no_target_at_all(target, kinds):
    fitted = built(target, text_column([kinds[row % len(kinds)] for row in range(ROWS)])).fitted
    dataset = built(target, text_column([""] * ROWS), fitted=fitted)
    assert not dataset.masks["y"].any()
    assert check_dataset(dataset, DataRequirements((target,)), training=False) == []


def test_a_target_of_one_value_is_found_however_many_are_missing():
    column = np.where(np.arange(ROWS) % 2, 7.0, np.nan)
    assert [
        found.code for found in check_dataset(built(NUMBER, column), DataRequirements((NUMBER,)))
    ] == ["target-constant"]


def test_some_rows_keep_their_masks_and_weights_and_a_digest_tells_them_apart():
    dataset = built(NUMBER, NUMBERS)
    some = dataset.take(np.array([3, 0, 5]))
    assert some.masks["y"].tolist() == [True, False, True]
    zeros = built(NUMBER, np.nan_to_num(NUMBERS))
    assert dataset.digest() != zeros.digest()

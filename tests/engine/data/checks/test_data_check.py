"""The audit: faults put into any row of good data are found, with the right row numbers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.diagnostic import Fix
from engine.data.checks.data_check import (
    DataRequirements,
    EmbeddingInput,
    check_dataset,
)
from engine.data.dataset.dataset import Dataset
from engine.data.encoders import NumberEncoder
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.recipe.data_mapping import DataMapping
from tests.tiers import cases

ROWS = 200
AGE = TargetSpec("age", (1,), "number", loss="mse")
INCOME = TargetSpec("income", (10,), "onehot", 10, "categorical_crossentropy")
GRADE = TargetSpec("grade", (), "index", 4, "sparse_categorical_crossentropy")
GENDER = TargetSpec("gender", (1,), "binary", 2, "binary_crossentropy")
FACTS = DataRequirements(
    targets=(AGE, INCOME, GRADE, GENDER),
    embeddings=(EmbeddingInput("words", "posts", 50, 8),),
    mapping=DataMapping(),
)


def arrays(rows=ROWS):
    rng = np.random.default_rng(0)
    inputs = {
        "posts": rng.integers(0, 50, (rows, 6)).astype(np.int32),
        "x": rng.normal(size=(rows, 3)).astype(np.float32),
    }
    targets = {
        "age": rng.normal(size=(rows, 1)).astype(np.float32),
        "income": np.eye(10, dtype=np.float32)[rng.integers(0, 10, rows)],
        "grade": rng.integers(0, 4, rows),
        "gender": rng.integers(0, 2, (rows, 1)).astype(np.float32),
    }
    return inputs, targets


def audited(change=None, rows=ROWS, **options):
    inputs, targets = arrays(rows)
    if change:
        change(inputs | targets)
    return check_dataset(Dataset(inputs, targets, FittedEncoders()), FACTS, **options)


def test_good_data_has_no_findings():
    assert audited() == []


FAULTS = {
    "nan in an input": ("x", (0,), np.nan, "not-finite", "x"),
    "infinity in a target": ("age", (0,), np.inf, "not-finite", "age"),
    "id too large": ("posts", (3,), 50, "id-out-of-vocabulary", "words"),
    "id negative": ("posts", (3,), -1, "id-negative", "posts"),
    "no class": ("income", (slice(None),), 0, "one-hot-empty", "income"),
    "all classes": ("income", (slice(None),), 1, "one-hot-several", "income"),
    "random row": ("income", (slice(None),), 0.3, "not-distribution", "income"),
    "negative share": ("income", (slice(None),), [2, -1] + [0] * 8, "not-distribution", "income"),
    "class too large": ("grade", (), 4, "label-out-of-range", "grade"),
    "class -100": ("grade", (), -100, "label-out-of-range", "grade"),
    "gender 2": ("gender", (0,), 2, "binary-out-of-range", "gender"),
    "gender -1": ("gender", (0,), -1, "binary-out-of-range", "gender"),
}


@pytest.mark.parametrize("name", FAULTS)
@settings(max_examples=cases(10, 15), deadline=None)
@given(rows=st.sets(st.integers(0, ROWS - 1), min_size=1, max_size=9))
def test_a_fault_in_any_rows_is_found_with_their_count_and_numbers(name, rows):
    port, place, value, code, node = FAULTS[name]

    def spoil(all_arrays):
        for row in rows:
            all_arrays[port][(row, *place)] = value

    (found,) = audited(spoil)
    assert (found.code, found.node, found.severity) == (code, node, "error")
    assert f"{len(rows)} of 200 rows" in found.message
    first = ", ".join(map(str, sorted(rows)[:5]))
    assert f"row{'s' if len(rows) > 1 else ''} {first}" in found.place
    assert found.found
    assert found.expected
    assert found.fixes


def test_an_id_too_large_offers_the_vocabulary_that_holds_it():
    (found,) = audited(lambda each: each["posts"].__setitem__((7, 2), 9_999))
    assert found.fixes[0] == Fix(
        "Set input_dim to 10000.",
        {"do": "set_params", "node": "words", "params": {"input_dim": 10_000}},
    )


@pytest.mark.parametrize("port", ["age", "income", "grade", "gender"])
def test_a_target_with_one_value_is_refused_when_training(port):
    def flatten(each):
        each[port][:] = each[port][0]

    (found,) = audited(flatten)
    assert (found.code, found.node) == ("target-constant", port)
    assert audited(flatten, training=False) == []


def test_targets_of_zeros_are_told_as_the_notebook_made_them():
    """numpy's randint(0, 1) makes only zeros."""

    def zeros(each):
        each["income"][:] = 0
        each["gender"][:] = 0

    found = {each.node: each for each in audited(zeros)}
    assert found["income"].code == "one-hot-empty"
    assert "200 of 200 rows" in found["income"].message
    assert found["gender"].message == "has the same value in all 200 rows"


def test_a_large_squared_target_is_a_warning_that_can_be_standardised():
    inputs, targets = arrays()
    targets["age"] = np.linspace(1, 99, ROWS, dtype=np.float32)[:, None]
    # Alone it is only large; beside others it drowns them, which says more.
    alone = replace(FACTS, targets=(AGE,))
    only = {"age": targets["age"]}
    (large,) = check_dataset(Dataset(inputs, only, FittedEncoders()), alone)
    assert (large.code, large.severity) == ("target-scale", "warning")
    (found,) = check_dataset(Dataset(inputs, targets, FittedEncoders()), FACTS)
    assert (found.code, found.severity) == ("loss-dominated", "warning")
    assert large.fixes[0] == found.fixes[0]
    assert found.fixes[0].edit == {
        "do": "set_mapping",
        "side": "targets",
        "node": "age",
        "source": {"column": "age", "scale": "standardize"},
    }
    (left,) = check_dataset(
        Dataset(inputs, targets, FittedEncoders()), replace(FACTS, has_learned_loss_weights=True)
    )
    assert left.code == "target-scale"  # none drowns the others where weights find themselves
    scaled = FittedEncoders(
        targets={"age": NumberEncoder(scale="standardize", center=(50.0,), spread=(28.0,))}
    )
    targets["age"] = (targets["age"] - 50) / 28
    assert check_dataset(Dataset(inputs, targets, scaled), FACTS) == []


def test_a_class_that_the_loss_ignores_is_no_fault():
    port = TargetSpec("grade", (), "index", 4, ignored_class=-1)
    inputs, targets = arrays()
    targets["grade"][3] = -1
    assert (
        check_dataset(Dataset(inputs, targets, FittedEncoders()), DataRequirements(targets=(port,)))
        == []
    )


def test_one_cell_of_a_hundred_megabytes_is_found():
    rows = 100_000
    rng = np.random.default_rng(1)
    inputs = {"posts": rng.integers(0, 50, (rows, 250), dtype=np.int32)}
    targets = {"income": np.eye(10, dtype=np.float32)[rng.integers(0, 10, rows)]}
    inputs["posts"][77_777, 100] = 50
    (found,) = check_dataset(
        Dataset(inputs, targets, FittedEncoders()), DataRequirements((INCOME,), FACTS.embeddings)
    )
    assert "row 77777 " in found.place

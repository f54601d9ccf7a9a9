"""Suggested loss weights: after they are set, every output starts with the same share."""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.graph.edits.registry import apply_edit
from engine.runtime.tuning.loss_weights import suggest_for_run, suggest_loss_weights
from tests.engine.runtime.small import node, ordered, project, run, training

ROWS = 64
NAMES = ("mass", "kind", "sex")


def given(weights=(1.0, 1.0, 1.0), missing="error", **recipe):
    heads = [
        node("mass", "Output", "a", loss="mse", loss_weight=weights[0], missing=missing),
        node("kind", "Output", "b", loss="sparse_categorical_crossentropy",
             loss_weight=weights[1], missing=missing),
        node("sex", "Output", "c", loss="binary_crossentropy", loss_weight=weights[2],
             missing=missing),
    ]  # fmt: skip
    return project(
        node("x", "Input", shape=[4]),
        node("trunk", "Dense", "x", units=6),
        node("drop", "Dropout", "trunk", rate=0.2),
        node("a", "Dense", "drop", units=1, kernel_initializer="zeros"),
        node("b", "Dense", "drop", units=3, activation="softmax", kernel_initializer="zeros"),
        node("c", "Dense", "drop", units=1, activation="sigmoid", kernel_initializer="zeros"),
        *heads,
        **{"batch_size": 16} | recipe,
    )


def rows():
    rng = np.random.default_rng(0)
    targets = {
        "mass": 30 * rng.normal(size=(ROWS, 1)).astype("float32"),
        "kind": rng.integers(0, 3, ROWS),
        "sex": rng.integers(0, 2, (ROWS, 1)).astype("float32"),
    }
    return {"x": rng.normal(size=(ROWS, 4)).astype("float32")}, targets


def test_losses_before_the_first_step_decide_the_weights():
    inputs, targets = rows()
    found = suggest_loss_weights(training(given(), inputs, targets))
    mse = float((targets["mass"] ** 2).mean())
    assert found.rows == ROWS
    assert found.losses == pytest.approx({"mass": mse, "kind": log(3), "sex": log(2)}, rel=1e-5)
    assert found.shares["mass"] > 0.99
    total = mse + log(3) + log(2)
    wanted = {"mass": total / 3 / mse, "kind": total / 3 / log(3), "sex": total / 3 / log(2)}
    assert found.weights == pytest.approx(wanted, rel=5e-3)


def test_the_edit_makes_all_shares_equal_and_leaves_the_total():
    told = given((2.0, 0.5, 1.0))
    first = suggest_loss_weights(training(told, *rows()))
    again = suggest_loss_weights(training(apply_edit(told, first.edit), *rows()))
    assert again.shares == pytest.approx(dict.fromkeys(NAMES, 1 / 3), rel=1e-2)
    before, after = (
        sum(each.current_weights[name] * each.losses[name] for name in NAMES)
        for each in (first, again)
    )
    assert after == pytest.approx(before, rel=1e-2)


def test_each_finding_carries_its_own_edit():
    told = given()
    found = suggest_loss_weights(training(told, *rows()))
    for each in found.diagnostics():
        assert (each.code, each.severity) == ("weights-suggested", "info")
        told = apply_edit(told, each.fixes[0].edit)
    assert told == apply_edit(given(), found.edit)


def test_the_weights_of_the_network_stay_as_they_are():
    made = training(given(), *rows())
    before = made.network.get_weights()
    suggest_loss_weights(made)
    after = made.network.get_weights()
    assert all((before[name] == after[name]).all() for name in before)


def test_a_large_table_is_looked_at_in_part():
    found = suggest_loss_weights(training(given(), *rows()), max_rows=20)
    assert found.rows == 32


def test_an_output_that_is_only_measured_is_left_out():
    found = suggest_loss_weights(training(given((1.0, 0.0, 1.0)), *rows()))
    assert set(found.weights) == {"mass", "sex"}


@pytest.mark.parametrize("weights", [(1.0, 0.0, 0.0)])
def test_a_single_output_has_nothing_to_share(weights):
    with pytest.raises(DiagnosticError) as refused:
        suggest_loss_weights(training(given(weights), *rows()))
    assert refused.value.diagnostics[0].code == "balance-idle"


def test_a_loss_of_nothing_can_not_be_made_equal():
    inputs, targets = rows()
    with pytest.raises(DiagnosticError) as refused:
        suggest_loss_weights(
            training(given(), inputs, targets | {"mass": np.zeros((ROWS, 1), "float32")})
        )
    assert (refused.value.diagnostics[0].code, refused.value.diagnostics[0].node) == (
        "balance-unfit",
        "mass",
    )


def test_rows_without_a_target_do_not_count(tmp_path):
    inputs, targets = rows()
    holed = targets["mass"].copy()
    holed[::2] = np.nan
    arrays = inputs | targets | {"mass": holed}
    order = ordered(tmp_path, given(missing="mask", validation_split=0.0), arrays)
    found = suggest_for_run(order)
    assert found.losses["mass"] == pytest.approx(float(np.nanmean(holed**2)), rel=1e-4)


def test_a_warm_start_counts_but_not_the_folder_of_the_run(tmp_path):
    inputs, targets = rows()
    order = ordered(tmp_path, given(epochs=3, validation_split=0.0), inputs | targets)
    first, _ = run(order)
    cold = suggest_for_run(replace(order, run=first.path))
    warm = suggest_for_run(replace(order, warm_start=first.path))
    assert cold.losses == suggest_for_run(order).losses
    assert all(warm.losses[name] < cold.losses[name] for name in NAMES)

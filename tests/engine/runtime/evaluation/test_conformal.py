"""Intervals hold the share of new rows that was asked for, whatever the errors are."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from engine.runtime.evaluation.conformal import conformal_margins, validation_record
from engine.runtime.inference.trained_model import TrainedModel
from tests.end_to_end.conftest import in_process
from tests.engine.runtime.small import node, ordered, project, run


def rows(count, seed):
    """Return rows whose errors are skewed, and whose classes are noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 2)).astype("float32")
    noise = rng.exponential(2, (count, 1)) * (1 + (x[:, :1] > 1))
    return {"x": x, "y": (50 + 9 * x[:, :1] + noise).astype("float32"),
            "z": rng.integers(0, 3, count)}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("c")
    given = project(
        node("x", "Input", shape=[2]),
        node("d", "Dense", "x", units=1),
        node("e", "Dense", "x", units=3, activation="softmax"),
        node("y", "Output", "d", loss="mse", unit="kg"),
        node("z", "Output", "e", loss="sparse_categorical_crossentropy"),
        data={"targets": {"y": {"column": "y", "scale": "standardize"}}},
        epochs=20, validation_split=0.4,
    )  # fmt: skip
    folder_of_run, _ = run(ordered(folder, given, rows(1500, 0)))
    return folder_of_run.path


def predicted(place, count, *options):
    data = place.parent / "new.npz"
    np.savez(data, **rows(count, 1))
    out = place.parent / "new.csv"
    said = in_process("predict", place, "--data", data, "--out", out, *options, "--json")
    assert said.code == 0, said.err
    with out.open(newline="") as file:
        return said.json, list(csv.DictReader(file))


def test_intervals_cover_new_rows(place):
    for level in (0.8, 0.9):
        said, found = predicted(place, 4000, "--interval", level)
        low, high, guess = (
            np.array([float(row[f"y_{name}"]) for row in found])
            for name in ("lower", "upper", "predicted")
        )
        truth = rows(4000, 1)["y"][:, 0]
        assert np.mean((low <= truth) & (truth <= high)) == pytest.approx(level, abs=0.035)
        assert np.ptp(high - low) < 1e-3
        assert (low + high) / 2 == pytest.approx(guess, abs=1e-3)
    notes = [(note["code"], note["node"]) for note in said["diagnostics"] if "node" in note]
    assert notes == [("prediction-unfit", "z")]
    assert "z_lower" not in found[0]


def test_the_quantile_is_that_of_split_conformal_prediction(place):
    trained = TrainedModel.open(place)
    record = validation_record(trained)
    (residuals,) = record.outputs[0].residuals
    errors = sorted(abs(np.array(residuals.predicted) - np.array(residuals.truth)))
    assert len(errors) == 600
    assert conformal_margins(record, 0.9)["y"] == [errors[541 - 1]]  # 0.9 * 601, rounded up
    assert conformal_margins(record, 0.9995) == {}


def test_the_rows_are_evaluated_if_that_was_not_kept(place):
    before = conformal_margins(validation_record(TrainedModel.open(place)), 0.9)
    (place / "results" / "validation.json").unlink()
    again = conformal_margins(validation_record(TrainedModel.open(place)), 0.9)
    assert again["y"] == pytest.approx(before["y"], rel=1e-5)

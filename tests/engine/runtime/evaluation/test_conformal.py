"""Intervals hold the share of new rows that was asked for, whatever the errors are."""

from __future__ import annotations

import csv
import re
from dataclasses import replace

import numpy as np
import pytest

from engine.runs.evaluation import load_evaluations
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


def predicted(place, table, *options):
    data = place.parent / "new.npz"
    np.savez(data, **table)
    out = place.parent / "new.csv"
    said = in_process("predict", place, "--data", data, "--out", out, *options, "--force", "--json")
    assert said.code == 0, said.err
    with out.open(newline="") as file:
        return said.json, list(csv.DictReader(file))


def test_intervals_cover_new_rows(place):
    for level in (0.8, 0.9):
        said, found = predicted(place, rows(4000, 1), "--interval", level)
        low, high, guess = (
            np.array([float(row[f"y_{name}"]) for row in found])
            for name in ("lower", "upper", "predicted")
        )
        truth = rows(4000, 1)["y"][:, 0]
        assert np.mean((low <= truth) & (truth <= high)) == pytest.approx(level, abs=0.035)
        assert np.ptp(high - low) < 1e-3
        assert (low + high) / 2 == pytest.approx(guess, abs=1e-3)
    assert not any("node" in note for note in said["diagnostics"]), "y has what was asked for"
    assert "z_lower" not in found[0]


def test_the_quantile_is_that_of_split_conformal_prediction(place):
    trained = TrainedModel.open(place)
    (residuals,) = validation_record(trained).outputs[0].residuals
    errors = sorted(abs(np.array(residuals.predicted) - np.array(residuals.truth)))
    assert len(errors) == 600
    # 0.9 * 601, rounded up
    assert conformal_margins(trained, 0.9)[0]["y"].tolist() == [[errors[541 - 1]], [0]]
    margins, (note,) = conformal_margins(trained, 0.9995)
    assert margins == {}
    assert (note.severity, note.node) == ("warning", "y")
    assert note.expected == "at least 1,999 for this level"
    lower = float(note.fixes[0].text.removeprefix("Use a lower level: --interval ")[:-1])
    assert conformal_margins(trained, lower)[0].keys() == {"y"}, "the fix works"


def test_bounds_of_amounts_are_not_negative_and_hold_as_often(tmp_path):
    """Only a target that has no negative value is clipped."""

    def amounts(count, seed):
        rng = np.random.default_rng(seed)
        x = rng.uniform(0, 1, (count, 1)).astype("float32")
        y = (x + rng.exponential(1, (count, 1))).astype("float32")
        return {"x": x, "y": y, "z": y - 1}

    given = project(
        node("x", "Input", shape=[1]),
        node("d", "Dense", "x", units=1),
        node("y", "Output", "d", loss="mse"),
        node("e", "Dense", "x", units=1),
        node("z", "Output", "e", loss="mse"),
        epochs=20, validation_split=0.4,
    )  # fmt: skip
    place = run(ordered(tmp_path, given, amounts(1500, 0)))[0].path
    _, found = predicted(place, amounts(4000, 1), "--interval", 0.9)
    columns = {name: np.array([float(row[name]) for row in found]) for name in found[0]}
    low, high, truth = (columns[name] for name in ("y_lower", "y_upper", "y"))
    margins = conformal_margins(TrainedModel.open(place), 0.9)[0]
    unclipped = columns["y_predicted"] - margins["y"][0, 0]
    assert low == pytest.approx(np.maximum(unclipped, 0), abs=1e-4)
    assert np.mean(unclipped < 0) > 0.2
    assert np.mean((low <= truth) & (truth <= high)) == pytest.approx(0.9, abs=0.035)
    assert min(columns["z_lower"]) < -1


@pytest.mark.parametrize("kind", ["random", "fraction", "stratified", "windows"])
def test_few_validation_rows_give_no_intervals_and_a_fix_that_works(tmp_path, kind):
    """The number of times that is named is enough, whatever the split is."""
    steps, count = (9, 300) if kind == "windows" else (1, 100)

    def note_with(fraction):
        splits = {
            "random": {},
            "fraction": {"split": {"kind": "random", "params": {"validation": fraction}}},
            "stratified": {"split": {"kind": "stratified", "params": {"column": "z"}}},
            "windows": {"windows": {"by": "day", "past": 1, "ahead": 9}},
        }
        given = project(
            node("x", "Input", shape=[2]),
            node("d", "Dense", "x", units=steps),
            node("y", "Output", "d", loss="mse"),
            data=splits[kind],
            epochs=1, validation_split=0.3 if kind == "fraction" else fraction,
        )  # fmt: skip
        folder = tmp_path / f"{fraction}"
        folder.mkdir()
        table = {**rows(count, 0), "day": np.arange(count)}
        place = run(ordered(folder, given, table))[0].path
        return conformal_margins(TrainedModel.open(place), 0.8)

    margins, (note, *_) = note_with(0.115)
    assert margins == {}
    assert (note.severity, note.expected) == ("warning", "at least 30 for this level")
    times = float(re.search(r"with ([\d.]+) times the validation_split", note.fixes[0].text)[1])
    assert times < 5
    assert note_with(0.115 * times)[0].keys() == {"y"}


def test_the_rows_are_evaluated_if_that_was_not_kept(place):
    trained = TrainedModel.open(place)
    before = conformal_margins(trained, 0.9)[0]
    (place / "results" / "validation.json").unlink()
    assert conformal_margins(trained, 0.9)[0]["y"] == pytest.approx(before["y"], rel=1e-5)


def test_weights_that_change_are_evaluated_again(tmp_path):
    given = project(
        node("x", "Input", shape=[2]),
        node("d", "Dense", "x", units=1),
        node("y", "Output", "d", loss="mse"),
        epochs=40, validation_split=0.4,
    )  # fmt: skip
    request = ordered(tmp_path, given, {n: a for n, a in rows(200, 0).items() if n != "z"})
    place = run(request, stop_after=20)[0].path
    assert in_process("evaluate", place, "--split", "validation").code == 0
    run(replace(request, run=place, resume=True), stop_after=60)
    trained = TrainedModel.open(place)
    margins = conformal_margins(trained, 0.9)[0]
    (place / "results" / "validation.json").unlink()
    assert margins["y"].tolist() == conformal_margins(trained, 0.9)[0]["y"].tolist()


def uneven(kind, count, seed):
    """Return counts, or sizes over orders of magnitude, that grow with x."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2, 2, (count, 1)).astype("float32")
    sizes = np.exp(2 + 2 * x + rng.normal(size=x.shape))
    y = rng.poisson(np.exp(1 + x)) if kind == "poisson" else sizes
    return {"x": x, "y": y.astype("float32")}


def scaled(scale):
    return {"column": "y", "encode": {"kind": "number", "params": {"scale": scale}}}


@pytest.mark.parametrize("kind", ["poisson", "log"])
def test_intervals_of_counts_and_logarithms_grow_with_them_and_are_never_negative(tmp_path, kind):
    is_count = kind == "poisson"
    given = project(
        node("x", "Input", shape=[1]),
        node("h", "Dense", "x", units=8, activation="relu"),
        node("d", "Dense", "h", units=1, activation="softplus" if is_count else "linear"),
        node("y", "Output", "d", loss="poisson" if is_count else "mse"),
        data={"targets": {"y": scaled("mean" if is_count else "log")}},
        optimizer={"kind": "Adam", "params": {"learning_rate": 0.02}},
        epochs=15, validation_split=0.4,
    )  # fmt: skip
    place = run(ordered(tmp_path, given, uneven(kind, 1500, 0)))[0].path
    table = uneven(kind, 4000, 1)
    _, found = predicted(place, table, "--interval", 0.9)
    low, high, x, y = (
        np.array([float(row[name]) for row in found]) for name in ("y_lower", "y_upper", "x", "y")
    )
    assert low.min() == 0
    small, large = x < -1, x > 1
    inside = (low <= y) & (y <= high)
    for rows_of in (slice(None), large):
        assert 0.84 < np.mean(inside[rows_of]) < 0.97
    assert np.mean((high - low)[large]) > 2 * np.mean((high - low)[small])


def test_each_step_of_a_forecast_has_an_interval_and_a_title(tmp_path):
    day = np.arange(400)
    walk, noise = np.zeros(400, "float32"), np.random.default_rng(0).normal(size=400)
    for t in range(1, 400):
        walk[t] = 0.9 * walk[t - 1] + noise[t]
    given = project(
        node("x", "Input", shape=[4, 1]),
        node("f", "Flatten", "x"),
        node("d", "Dense", "f", units=12),
        node("y", "Output", "d", loss="mse"),
        data={
            "inputs": {"x": {"column": "sold"}},
            "targets": {"y": {"column": "sold"}},
            "windows": {"by": "day", "past": 4, "ahead": 12},
        },
        optimizer={"kind": "Adam", "params": {"learning_rate": 0.01}},
        epochs=30, validation_split=0.4,
    )  # fmt: skip
    place = run(ordered(tmp_path, given, {"day": day, "sold": walk}))[0].path
    said, found = predicted(place, {"day": day, "sold": walk}, "--interval", 0.8)
    (note,) = said["diagnostics"]
    assert (note["severity"], "later" in note["message"]) == ("warning", True)
    widths = [float(found[0][f"y_upper_{n}"]) - float(found[0][f"y_lower_{n}"]) for n in range(12)]
    assert widths[-1] > 1.3 * widths[0] > 0
    scored = in_process("evaluate", place, "--split", "validation").out
    assert "  column 0: predicted minus true" in scored, "of y_predicted_0"
    assert "  column 11: predicted minus true" in scored
    assert re.search(r"row (\d+) \(counting from 0\), day \1:", scored)
    said = "the first 3 rows of a series end none, the last 12 lack targets"
    assert said in " ".join(scored.split())
    assert "last value" in scored
    (found,) = load_evaluations(place)
    score = next(score for score in found.scores if score.name == "RMSE")
    first = int(0.6 * 400)
    errors = [walk[end + 1 : end + 13] - walk[end] for end in range(first - 1, 400 - 12)]
    assert score.baseline == pytest.approx(np.sqrt(np.square(errors).mean()), rel=1e-4)


def test_columns_of_one_step_and_missing_numbers_are_called_so(tmp_path):
    day = np.arange(200)
    sold = np.where(day % 3, 0, np.nan).astype("float32")
    given = project(
        node("x", "Input", shape=[4, 1]),
        node("f", "Flatten", "x"),
        node("d", "Dense", "f", units=2),
        node("y", "Output", "d", loss="mse", missing="mask"),
        data={
            "inputs": {"x": {"column": "heat"}},
            "targets": {"y": {"columns": ["heat", "sold"]}},
            "windows": {"by": "day", "past": 4, "ahead": 1},
        },
        epochs=1, validation_split=0.4,
    )  # fmt: skip
    table = {"day": day, "heat": 9 * np.sin(day).astype("float32"), "sold": sold}
    place = run(ordered(tmp_path, given, table))[0].path
    (output,) = load_evaluations(place)[0].outputs
    assert [column.title for column in output.residuals] == ["column 0", "column 1"]
    missing = [row.row for row in output.worst if row.truth.endswith(", –")]
    assert missing == [row.row for row in output.worst if (row.row + 1) % 3 == 0] != []


def test_an_existing_file_of_predictions_is_kept(place):
    data, out = place.parent / "few.npz", place.parent / "few.csv"
    np.savez(data, **rows(3, 2))
    out.write_text("mine")
    command = ("predict", place, "--data", data, "--out", out)
    refused = in_process(*command)
    assert (refused.code, "file-exists" in refused.err, out.read_text()) == (74, True, "mine")
    assert in_process(*command, "--force").code == 0
    assert out.read_text() != "mine"

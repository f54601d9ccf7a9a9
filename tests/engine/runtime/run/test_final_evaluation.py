"""A finished run has an evaluation of its validation rows, and warnings about weak outputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.core.diagnostic import diagnostic_from_dict
from engine.data.table.table import table_from_arrays
from engine.events import Warned
from engine.graph.edits.registry import apply_edit
from engine.runs.evaluation import load_evaluations
from engine.runtime.evaluation.record import evaluate_run
from engine.runtime.inference.trained_model import TrainedModel
from tests.engine.runtime.small import node, ordered, project, run


def net(units=1, activation="linear", **recipe):
    loss = {"linear": "mse", "softmax": "sparse_categorical_crossentropy"}[activation]
    return project(
        node("x", "Input", shape=[2]),
        node("d", "Dense", "x", units=units, activation=activation),
        node("y", "Output", "d", loss=loss),
        **{"optimizer": {"kind": "Adam", "params": {"learning_rate": 0.1}}, "epochs": 10} | recipe,
    )


def warned(events):
    said = [event.diagnostic for event in events if isinstance(event, Warned)]
    return [d for d in map(diagnostic_from_dict, said) if d.code.startswith(("baseline", "class"))]


def inputs(rows=600):
    return np.random.default_rng(0).normal(size=(rows, 2)).astype("float32")


@pytest.mark.parametrize("stream", [False, True])
def test_the_validation_rows_are_evaluated_as_by_the_command(tmp_path, stream):
    """In memory and streamed, with the weights of the best epoch."""
    x = inputs()
    y = (3 * x[:, :1] + 7).astype("float32")
    order = ordered(tmp_path, net(stopping={"patience": 2}), {"x": x, "y": y}, stream=stream)
    folder, events = run(order)
    (kept,) = load_evaluations(folder.path)
    again = evaluate_run(TrainedModel.open(folder.path), None, "validation")
    assert (kept.split, kept.rows, kept.weights) == ("validation", again.rows, "final")
    assert [s.key for s in kept.scores] == [s.key for s in again.scores]
    for one, other in zip(kept.scores, again.scores, strict=True):
        assert (one.value, one.low) == (pytest.approx(other.value), pytest.approx(other.low))
        assert one.baseline == other.baseline
    assert kept.outputs[0].worst[0].row == again.outputs[0].worst[0].row
    mean = folder.record["baselines"]["y"]
    assert mean == pytest.approx([7], abs=0.5)
    rmse = next(score for score in kept.scores if score.name == "RMSE")
    assert rmse.baseline == pytest.approx(3, rel=0.2)
    assert not warned(events)


def test_a_class_that_is_never_predicted_is_found_after_the_fix(tmp_path):
    """Of three classes the third is rare; the fix weights it more."""
    rng, x = np.random.default_rng(1), inputs()
    y = np.where(rng.random(600) < 0.1, 2, (x[:, 0] > 0).astype(int))
    x[y == 2] += np.array([0, 0.7], "float32")
    given = net(3, "softmax")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    folder, events = run(ordered(tmp_path / "a", given, {"x": x, "y": y}))
    (found,) = warned(events)
    assert (found.code, found.node) == ("class-never-predicted", "y")
    assert folder.record["baselines"]["y"] == pytest.approx(np.bincount(y) / 600, abs=0.05)
    edited = apply_edit(given, found.fixes[0].edit)
    folder, events = run(ordered(tmp_path / "b", edited, {"x": x, "y": y}))
    assert not warned(events)


def test_a_target_that_no_input_tells_is_told(tmp_path):
    x, y = inputs(), np.random.default_rng(2).normal(5, 1, (600, 1)).astype("float32")
    folder, events = run(ordered(tmp_path, net(epochs=3), {"x": x, "y": y}))
    (found,) = warned(events)
    assert found.code == "baseline-not-beaten"
    notes = evaluate_run(TrainedModel.open(folder.path), None, "validation").notes
    assert any(note.startswith(f"y: {found.message}") for note in notes)


def test_scores_without_any_error_beat_the_baseline(tmp_path):
    """They have no interval, since all bootstrap draws are equal."""
    x, y = inputs(), np.arange(600) % 3
    x[:, :2] = 9 * np.eye(3, dtype="float32")[y][:, :2]
    folder, events = run(ordered(tmp_path, net(3, "softmax"), {"x": x, "y": y}))
    (kept,) = load_evaluations(folder.path)
    accuracy = next(score for score in kept.scores if score.name == "accuracy")
    assert (accuracy.value, accuracy.low) == (1, None)
    assert not warned(events)


def test_an_ignored_class_has_no_share_in_the_baseline(tmp_path):
    y = np.repeat([0, 1, 2], [400, 150, 50])
    given = net(3, "softmax", epochs=1)
    kind = given.graph["y"].params["loss"]
    loss = {"loss": {"kind": kind, "params": {"ignore_class": 0}}}
    given = apply_edit(given, {"do": "set_params", "node": "y", "params": loss})
    folder, _ = run(ordered(tmp_path, given, {"x": inputs(), "y": y}))
    assert folder.record["baselines"]["y"] == pytest.approx([0, 0.75, 0.25], abs=0.05)


def test_unknown_and_missing_cells_are_told_with_predictions_and_scores(tmp_path):
    """`evaluate --split` forgot them, and predictions of a table did not tell of new labels."""
    encode = {"kind": "category", "params": {"unknown": "ignore"}}
    number = {"kind": "number", "params": {"fill": "mean"}}
    given = project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=1),
        node("y", "Output", "d", loss="mse"),
        epochs=1,
    )
    sources = {"x": {"columns": ["c", "n"], "encode": [encode, number]}}
    given = replace(given, data={"inputs": sources})
    n = np.where(np.arange(600) % 5, np.arange(600.0), np.nan)
    c = np.array(["red", "blue"])[np.arange(600) % 2]
    folder, _ = run(ordered(tmp_path, given, {"c": c, "n": n, "y": np.arange(600.0)}))
    trained = TrainedModel.open(folder.path)
    assert any("missing" in text for text in evaluate_run(trained, None, "validation").notes)
    new = table_from_arrays({"c": np.array(["pink", "red"]), "n": np.array([np.nan, 1])})
    codes = [note.code for note in trained.predict_rows(new).notes]
    assert sorted(codes) == ["cells-filled", "label-ignored"]

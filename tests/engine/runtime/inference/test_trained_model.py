"""A trained run answers by name, in the person's units, whatever part of the data is there."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.data.writers.table import write_table
from engine.events import ControlTaken
from engine.runs.log.event_log import EventWriter
from engine.runs.request import TrainRequest
from engine.runtime.checkpoints.checkpoint import BEST_FILE
from engine.runtime.checkpoints.weight_file import read_weights
from engine.runtime.evaluation.record import evaluate_run
from engine.runtime.inference.prediction_columns import append_predictions, prediction_columns
from engine.runtime.inference.trained_model import TrainedModel
from tests.engine.runtime.small import (
    line,
    node,
    ordered,
    predicted_values,
    project,
    run,
    scores_of,
    straight,
)

CSV = "length,colour,tall,kind\n"
KINDS = ("ant", "bee", "cat")


def table(count=60):
    """Return a CSV in which everything follows from `length`, in centimetres."""
    rng = np.random.default_rng(0)
    length = rng.uniform(100, 200, count)
    place = np.digitize(length, [130, 160])
    rows = [
        f"{value:.2f},{value / 2 + 7:.3f},{'yes' if value > 150 else 'no'},{KINDS[kind]}"
        for value, kind in zip(length, place, strict=True)
    ]
    return CSV + "\n".join(rows) + "\n"


def animals(**recipe):
    return project(
        node("length", "Input", shape=[1]),
        node("body", "Dense", "length", units=16, activation="relu"),
        node("c", "Dense", "body", units=1),
        node("t", "Dense", "body", units=1, activation="sigmoid"),
        node("k", "Dense", "body", units=3, activation="softmax"),
        node("colour", "Output", "c", loss="mse", metrics=["mae", "mse"], unit="nm"),
        node("tall", "Output", "t", loss="binary_crossentropy", metrics=["accuracy", "auc"]),
        node("kind", "Output", "k", loss="categorical_crossentropy", metrics=["accuracy"]),
        data={
            "inputs": {"length": {"column": "length", "scale": "standardize"}},
            "targets": {"colour": {"column": "colour", "scale": "standardize"}},
        },
        **{"epochs": 25, "batch_size": 8, "optimizer": {"kind": "Adam"}} | recipe,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a run on a CSV, opened, and the folder with its data."""
    place = tmp_path_factory.mktemp("trained")
    (place / "animals.csv").write_text(table())
    order = ordered(
        place, animals(optimizer={"kind": "Adam", "params": {"learning_rate": 0.02}}), {}
    )
    folder, _ = run(replace(order, data=place / "animals.csv"))
    return TrainedModel.open(folder.path), place


def lines(path):
    return [row.split(",") for row in path.read_text().splitlines()]


# Scores


def test_a_total_says_that_the_training_ended_with_other_loss_weights(tmp_path):
    data = tmp_path / "animals.csv"
    data.write_text(table())
    folder, _ = run(replace(ordered(tmp_path, animals(epochs=1), {}), data=data))
    asked = {"request": "loss_weight", "value": {"kind": 3.0}, "before": {"kind": 1.0}}
    assert not any(
        "weights" in note for note in evaluate_run(TrainedModel.open(folder.path), data).notes
    )
    with EventWriter(folder.path) as events:
        events.write(ControlTaken(id="1", step=2, **asked))
    said = (
        "The total loss uses the loss weights of the file: kind 1. The training ended with kind 3"
    )
    assert any(
        note.startswith(said) for note in evaluate_run(TrainedModel.open(folder.path), data).notes
    )


def test_scores_are_named_by_output(made):
    trained, place = made
    scores = scores_of(trained, place / "animals.csv")
    assert list(scores) == [
        "loss", "colour/loss", "colour/mae", "colour/mse", "tall/loss", "tall/accuracy",
        "tall/auc", "kind/loss", "kind/accuracy",
    ]  # fmt: skip
    assert scores["tall/accuracy"] > 0.9
    assert scores["kind/accuracy"] > 0.8


def test_the_error_of_a_standardised_target_is_in_the_columns_own_unit(made):
    """Equal to the one computed by hand from the predictions and the file."""
    trained, place = made
    told = prediction_columns(
        trained.heads, predicted_values(trained, place / "animals.csv"), trained.fitted
    )
    true = np.array([float(row[1]) for row in lines(place / "animals.csv")[1:]])
    error = told["colour_predicted"] - true
    scores = scores_of(trained, place / "animals.csv")
    assert scores["colour/mae"] == pytest.approx(np.abs(error).mean(), rel=1e-4)
    assert scores["colour/mse"] == pytest.approx((error**2).mean(), rel=1e-4)
    # The loss stays what was trained on.
    deviation = trained.fitted.targets["colour"].spread[0]
    assert scores["colour/loss"] == pytest.approx(scores["colour/mse"] / deviation**2, rel=1e-6)


def test_the_batch_size_changes_no_score(made):
    trained, place = made
    whole = scores_of(trained, place / "animals.csv")
    parts = scores_of(replace(trained, batch_size=7), place / "animals.csv")
    assert parts == pytest.approx(whole, rel=1e-5)


def test_scoring_and_predicting_change_nothing(made):
    trained, place = made
    before = trained.network.get_weights()
    first = predicted_values(trained, place / "animals.csv")
    scores_of(trained, place / "animals.csv")
    again = predicted_values(trained, place / "animals.csv")
    for name, values in first.items():
        assert np.array_equal(values, again[name])
    for name, value in trained.network.get_weights().items():
        assert np.array_equal(value, before[name])


# Predictions


def test_predictions_are_in_labels_and_units(made, tmp_path):
    trained, place = made
    told = prediction_columns(
        trained.heads, predicted_values(trained, place / "animals.csv"), trained.fitted
    )
    assert list(told) == [
        "colour_predicted", "tall_predicted", "tall_probability",
        "kind_predicted", "kind_probability",
    ]  # fmt: skip
    assert set(told["tall_predicted"]) == {"yes", "no"}
    assert set(told["kind_predicted"]) <= set(KINDS)
    assert 50 < told["colour_predicted"].mean() < 110
    write_table(tmp_path / "out.csv", append_predictions({}, told))
    rows = lines(tmp_path / "out.csv")
    assert rows[0] == list(told)
    assert len(rows) == 61
    true = [row[2] for row in lines(place / "animals.csv")[1:]]
    same = np.mean([row[1] == right for row, right in zip(rows[1:], true, strict=True)])
    assert same == pytest.approx(scores_of(trained, place / "animals.csv")["tall/accuracy"])


def test_row_numbers_of_pandas_stand_beside_the_predictions(made, tmp_path):
    trained, place = made
    numbered = pd.read_csv(place / "animals.csv").iloc[40:50]
    numbered.to_csv(tmp_path / "numbered.csv")
    rows, _, _ = trained.predict_rows(trained.open_table(tmp_path / "numbered.csv"))
    assert list(map(int, rows.columns["column_1"].to_pylist())) == list(numbered.index)


def test_data_without_targets_can_be_predicted_and_not_scored(made, tmp_path):
    trained, place = made
    bare = tmp_path / "bare.csv"
    bare.write_text("length\n" + "\n".join(row[0] for row in lines(place / "animals.csv")[1:]))
    whole = predicted_values(trained, place / "animals.csv")
    for name, values in predicted_values(trained, bare).items():
        assert np.array_equal(values, whole[name])
    with pytest.raises(DiagnosticError) as caught:
        scores_of(trained, bare)
    codes = {found.code for found in caught.value.diagnostics if found.is_error}
    assert codes == {"column-missing"}
    assert {found.node for found in caught.value.diagnostics if found.is_error} == {
        "colour", "tall", "kind"
    }  # fmt: skip


def test_target_columns_that_are_empty_or_odd_do_not_keep_rows_from_being_predicted(made, tmp_path):
    trained, place = made
    header, *rows = lines(place / "animals.csv")
    odd = [[row[0], *("", "?", "unheard of")[: len(row) - 1]] for row in rows]
    (tmp_path / "odd.csv").write_text("\n".join(map(",".join, [header, *odd])) + "\n")
    whole = predicted_values(trained, place / "animals.csv")
    for name, values in predicted_values(trained, tmp_path / "odd.csv").items():
        assert np.array_equal(values, whole[name])


def test_one_row_and_many_rows_answer_the_same(made, tmp_path):
    trained, place = made
    rows = (place / "animals.csv").read_text().splitlines()
    (tmp_path / "one.csv").write_text("\n".join(rows[:2]) + "\n")
    one, many = (
        predicted_values(trained, tmp_path / "one.csv"),
        predicted_values(trained, place / "animals.csv"),
    )
    for name, values in one.items():
        np.testing.assert_allclose(values[0], many[name][0], rtol=1e-5)


def test_a_missing_input_column_is_named_with_those_that_are_there(made, tmp_path):
    trained, _ = made
    (tmp_path / "wrong.csv").write_text("lenght\n150\n151\n")
    with pytest.raises(DiagnosticError) as caught:
        predicted_values(trained, tmp_path / "wrong.csv")
    (found,) = [one for one in caught.value.diagnostics if one.is_error]
    assert (found.code, found.node) == ("column-missing", "length")
    assert "lenght" in str(found)


def test_a_label_that_the_run_never_saw_is_refused(made, tmp_path):
    trained, place = made
    text = (place / "animals.csv").read_text().replace("bee", "dog")
    (tmp_path / "other.csv").write_text(text)
    with pytest.raises(DiagnosticError) as caught:
        scores_of(trained, tmp_path / "other.csv")
    assert {found.code for found in caught.value.diagnostics} == {"label-unknown"}


# Which weights


def test_a_run_moved_elsewhere_still_answers(made, tmp_path):
    trained, place = made
    shutil.copytree(trained.run.path, tmp_path / "moved")
    moved = predicted_values(TrainedModel.open(tmp_path / "moved"), place / "animals.csv")
    for name, values in predicted_values(trained, place / "animals.csv").items():
        assert np.array_equal(values, moved[name])


def test_damaged_weights_are_a_finding(made, tmp_path):
    """One flipped bit is enough; the run's checkpoints can be used instead."""
    trained, _ = made
    shutil.copytree(trained.run.path, tmp_path / "bad")
    model = tmp_path / "bad" / "model.safetensors"
    whole = model.read_bytes()
    for data in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:100], b"", b"{}"):
        model.write_bytes(data)
        with pytest.raises(DiagnosticError) as caught:
            TrainedModel.open(tmp_path / "bad")
        (found,) = caught.value.diagnostics
        assert found.code == "checkpoint-lost"
        assert "best" in found.fixes[0].text
    assert TrainedModel.open(tmp_path / "bad", "best").heads


def test_weights_of_another_network_are_a_finding(made, tmp_path):
    trained, _ = made
    shutil.copytree(trained.run.path, tmp_path / "mixed")
    folder, _ = run(ordered(tmp_path, straight(epochs=1), line()))
    shutil.copy(folder.weights_path, tmp_path / "mixed" / "model.safetensors")
    with pytest.raises(DiagnosticError) as caught:
        TrainedModel.open(tmp_path / "mixed")
    assert [found.code for found in caught.value.diagnostics] == ["checkpoint-unfit"]


def test_no_run_is_a_finding(tmp_path):
    with pytest.raises(DiagnosticError) as caught:
        TrainedModel.open(tmp_path)
    assert caught.value.diagnostics[0].code == "run-missing"


def test_the_best_weights_are_others_than_the_last_and_not_replaced_in_silence(tmp_path):
    wild = {"kind": "SGD", "params": {"learning_rate": 0.3}}
    given = straight(epochs=8, optimizer=wild, batch_size=2)
    folder, _ = run(ordered(tmp_path, given, line(noise=2.0)))
    opened = {which: TrainedModel.open(folder.path, which) for which in ("final", "best", "last")}
    assert [each.loaded_weights for each in opened.values()] == list(opened)
    final, best, last = (
        predicted_values(each, tmp_path / "small.npz")["y"] for each in opened.values()
    )
    assert np.array_equal(final, last)
    assert not np.array_equal(best, last)
    pointer = json.loads((folder.checkpoints_path / BEST_FILE).read_bytes())
    damaged = folder.checkpoints_path / pointer["file"]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.raises(DiagnosticError) as caught:
        TrainedModel.open(folder.path, "best")
    (found,) = caught.value.diagnostics
    assert (found.code, found.severity) == ("checkpoint-damaged", "error")
    assert TrainedModel.open(folder.path, "last").loaded_weights == "last"


def test_weights_asked_for_that_are_not_there_yet_are_called_by_what_they_are(tmp_path):
    folder, _ = run(ordered(tmp_path, straight(epochs=3, batch_size=8), line()), 2)
    assert not folder.weights_path.exists()
    assert TrainedModel.open(folder.path).loaded_weights == "last"
    assert TrainedModel.open(folder.path, "best").loaded_weights == "last"
    folder, _ = run(TrainRequest(None, None, run=folder.path, resume=True))
    assert TrainedModel.open(folder.path).loaded_weights == "final"


def test_a_run_can_be_used_on_a_machine_too_small_to_train_it(made, monkeypatch):
    trained, _ = made
    monkeypatch.setattr("engine.check.report.available_memory", lambda: 1)
    assert TrainedModel.open(trained.run.path).heads


def test_a_run_in_float64_predicts_in_float64(tmp_path):
    folder, _ = run(ordered(tmp_path, straight(epochs=1, precision="float64"), line()))
    trained = TrainedModel.open(folder.path)
    answers = predicted_values(trained, tmp_path / "small.npz")["y"]
    assert answers.dtype == np.float64
    weights = read_weights(folder.weights_path)
    by_hand = (
        line()["x"].astype("float64") @ weights["d/kernel"].numpy() + weights["d/bias"].numpy()
    )
    np.testing.assert_allclose(answers, by_hand, rtol=1e-14, atol=1e-16)


# Units


def measured(tmp_path, width, metrics):
    """Return the scores of a standardised target of so many columns, and the run."""
    given = project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=width),
        node("y", "Output", "d", loss="mse", metrics=metrics, unit="nm"),
        data={"targets": {"y": {"column": "y", "scale": "standardize"}}},
        epochs=1,
    )
    data = line()
    data["y"] = np.stack([50 * data["y"], data["y"]], 1)[:, :width]
    folder, _ = run(ordered(tmp_path, given, data))
    trained = TrainedModel.open(folder.path)
    answer = evaluate_run(trained, tmp_path / "small.npz")
    predicted = predicted_values(trained, tmp_path / "small.npz")["y"]
    target = trained.fitted.targets["y"].transform(data["y"], "y")
    return answer, np.abs(predicted - target).mean(), trained.fitted.targets["y"].spread


def test_errors_of_several_columns_are_not_said_to_be_in_one_unit(tmp_path):
    answer, error, _ = measured(tmp_path, 2, ["mae", "mse", "r2_score"])
    told = answer.to_dict()
    assert told["scores"]["y/mae"] == pytest.approx(error, rel=1e-5)
    scaled = dict.fromkeys(("y/loss", "y/mae", "y/mse"), "standardised")
    assert told["units"] == {**scaled, "y/MAE": "nm", "y/RMSE": "nm"}


def test_a_second_metric_of_a_kind_is_in_the_unit_of_the_first(tmp_path):
    huber = {"kind": "huber", "params": {"delta": 0.5}}
    answer, error, (deviation,) = measured(tmp_path, 1, ["mae", "mae", "mse", "mse", huber])
    told = answer.to_dict()
    assert told["scores"]["y/mae_1"] == told["scores"]["y/mae"]
    assert told["scores"]["y/mae_1"] == pytest.approx(error * deviation, rel=1e-5)
    assert told["scores"]["y/mse_1"] == told["scores"]["y/mse"]
    assert told["units"] == {
        "y/loss": "standardised", "y/huber": "standardised", "y/mae": "nm", "y/mae_1": "nm",
        "y/mse": "nm²", "y/mse_1": "nm²", "y/RMSE": "nm",
    }  # fmt: skip

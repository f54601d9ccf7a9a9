"""Scores are those of scikit-learn, with the baseline of the training rows and an interval."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from engine.objectives.head import Head
from engine.runs.evaluation import EvaluationRecord, EvaluationScore, OutputEvaluation
from engine.runs.score_table import score_legend, score_rows
from engine.runtime.evaluation.diagrams import confusion
from engine.runtime.evaluation.output_scores import add_output_scores, output_scores
from engine.runtime.evaluation.predictions import Predictions
from tests.tiers import cases

LABELS = ("a", "b/c", "d")


def predictions(task, truth, predicted, probabilities=None, mask=None):
    rows = np.arange(len(truth))
    empty = np.zeros((len(truth), 0))
    probabilities = empty if probabilities is None else probabilities
    mask = np.ones(truth.shape, bool) if mask is None else mask
    head = Head("y", None, unit="kg")
    return Predictions(
        head, task, rows, truth, predicted, empty[:, :0], probabilities, mask, np.zeros(len(truth))
    )


def decoder(task, labels=LABELS, factor=1.0):
    return SimpleNamespace(
        task=task, labels=labels, is_probability=True,
        predict=lambda scores: scores >= 0.5, inverse_transform=lambda numbers: numbers * factor,
    )  # fmt: skip


def scores(task, *arrays, baseline=(), labels=LABELS, factor=1.0, **options):
    made = predictions(task, *arrays, **options)
    output = OutputEvaluation(name="y", task=task)
    if task in ("classes", "yes-no"):
        truth, guess = (values[made.mask] for values in (made.truth, made.predicted))
        guess = guess if task == "classes" else (guess >= 0.5).astype(int)
        rows = np.zeros(len(truth), int)
        matrix = confusion(truth.astype(int), guess, labels, rows, rows)
        output = output.model_copy(update={"confusion": matrix})
    found = output_scores(output, made, decoder(task, labels, factor), baseline)
    return {score.name: score for score in found}


def close(value):
    return pytest.approx(value, rel=1e-5, abs=1e-6)


@settings(max_examples=cases(20, 200), deadline=None)
@given(st.integers(2, 60), st.integers(1, 3), st.integers(0, 99))
def test_errors_are_in_the_unit_of_the_target(rows, columns, seed):
    rng = np.random.default_rng(seed)
    truth = rng.normal(2, 1, (rows, columns))
    guess = truth + rng.normal(0, 0.7, truth.shape)
    means = tuple(rng.normal(10, 1, columns).tolist())
    found = scores("number", truth, guess, baseline=means, factor=5.0)
    for name, right in (("value", guess * 5), ("baseline", np.tile(means, (rows, 1)))):
        values = {key: getattr(score, name) for key, score in found.items()}
        assert values == {
            "R2": close(metrics.r2_score(truth * 5, right, multioutput="variance_weighted")),
            "RMSE": close(metrics.mean_squared_error(truth * 5, right) ** 0.5),
            "MAE": close(metrics.mean_absolute_error(truth * 5, right)),
        }
    assert all(score.low <= score.value <= score.high for score in found.values() if rows > 20)
    assert found["MAE"].unit == "kg"


@settings(max_examples=cases(20, 200), deadline=None)
@given(st.integers(2, 60), st.integers(0, 99))
def test_classes_are_scored_as_by_scikit_learn(rows, seed):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, rows)
    chances = rng.dirichlet((1, 1, 1), rows).round(1)
    guess = chances.argmax(axis=1)
    found = scores("classes", truth, guess, probabilities=chances, baseline=(0.2, 0.5, 0.3))
    present = np.unique(np.concatenate((truth, guess)))
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, guess, labels=range(3), zero_division=0
    )
    assert found["accuracy"].value == close(metrics.accuracy_score(truth, guess))
    recalls = metrics.recall_score(truth, guess, average=None, labels=np.unique(truth))
    assert found["balanced accuracy"].value == close(recalls.mean())
    assert found["F1"].value == close(f1[present].mean())
    for index in np.unique(truth):
        assert found[f"F1 {LABELS[index]}"].value == close(f1[index])
        assert found[f"precision {LABELS[index]}"].value == close(precision[index])
        assert found[f"recall {LABELS[index]}"].value == close(recall[index])
        assert found[f"recall {LABELS[index]}"].baseline == (index == 1)
        if len(np.unique(truth)) > 1:
            auc = metrics.roc_auc_score(truth == index, chances[:, index])
            assert found[f"AUC {LABELS[index]}"].value == close(auc)
    most = np.ones(rows, int)
    assert found["accuracy"].baseline == close((truth == 1).mean())
    assert found["F1"].baseline == close(
        metrics.f1_score(truth, most, average="macro", zero_division=0)
    )


def test_yes_and_no_and_several_labels_leave_out_what_is_masked():
    rng = np.random.default_rng(0)
    truth, chances = rng.random((200, 3)) > 0.6, rng.random((200, 3)).round(2)
    mask = rng.random(truth.shape) > 0.2
    for column in range(3):
        kept = mask[:, column]
        right, guess = truth[kept, column], chances[kept, column]
        one = scores("yes-no", truth[:, [column]], chances[:, [column]], labels=("n", "y"),
                     mask=mask[:, [column]], baseline=(0.4,))  # fmt: skip
        assert one["AUC"].value == close(metrics.roc_auc_score(right, guess))
        assert one["accuracy"].baseline == close((~right).mean())
        several = scores("labels", truth, chances, mask=mask, baseline=(0.4,) * 3)
        assert several[f"AUC {LABELS[column]}"].value == one["AUC"].value
        guess = guess >= 0.5
        for name, judge in (
            ("F1", metrics.f1_score), ("recall", metrics.recall_score),
            ("precision", partial(metrics.precision_score, zero_division=0)),
            ("accuracy", metrics.accuracy_score),
            ("balanced accuracy", metrics.balanced_accuracy_score),
        ):  # fmt: skip
            score = several[f"{name} {LABELS[column]}"]
            assert score.value == close(judge(right, guess))
            assert score.baseline == close(judge(right, np.zeros(len(right), bool)))
            assert score.label == LABELS[column]


def test_of_many_classes_those_that_occur_are_scored():
    """More than 64 classes that occur have no scores of their own, but those of all classes."""
    labels, rng = tuple(f"word {index}" for index in range(300)), np.random.default_rng(0)
    for most_frequent, occurring in ((7, 20), (290, 20), (7, 200)):
        truth, guess = rng.integers(0, occurring, (2, 500))
        guess = np.where(rng.random(500) < 0.5, truth, guess)
        shares = np.eye(300)[most_frequent].tolist()
        found = scores("classes", truth, guess, labels=labels, baseline=shares)
        recall = metrics.recall_score(truth, guess, average="macro", labels=np.unique(truth))
        assert found["accuracy"].value == close(metrics.accuracy_score(truth, guess))
        assert found["balanced accuracy"].value == close(recall)
        for name in ("accuracy", "balanced accuracy"):
            always = 1 / len(np.unique(truth))
            always = (truth == most_frequent).mean() if name == "accuracy" else always
            assert found[name].baseline == close(always if most_frequent < occurring else 0)
            assert found[name].low < found[name].value < found[name].high
        listed = [score.label for score in found.values() if score.name.startswith("recall")]
        assert listed == ([*labels[:occurring]] if occurring < 64 else [])


def test_an_interval_contains_the_true_score_in_95_of_100_samples():
    """Of the accuracy, and of the mean absolute error of 5,000 rows, which share cells."""
    rng, found = np.random.default_rng(0), []
    for _ in range(200):
        right = rng.random(100) < 0.8
        guess = np.where(right, 1, 0)
        score = scores("classes", np.ones(100, int), guess, labels=("n", "y"))["accuracy"]
        found.append(score.low <= 0.8 <= score.high)
    assert 0.89 < np.mean(found) < 0.99
    widths = []
    for rows in (1000, 4000):
        errors = rng.exponential(1, (rows, 1))
        mae = scores("number", np.zeros((rows, 1)), errors)["MAE"]
        assert mae.low < 1.0 < mae.high
        widths.append((mae.high - mae.low) * rows**0.5)
    assert widths[1] == pytest.approx(3.92, rel=0.12)


def test_a_metric_that_is_equal_gets_the_interval_and_others_follow_their_output():
    judged = [
        EvaluationScore(output="y", name=name, value=value, low=0.1, high=0.9, baseline=0.5)
        for name, value in (("MAE", 0.5), ("R2", 0.3))
    ]
    own = [
        EvaluationScore(name="loss", value=1.0),
        EvaluationScore(output="y", name="mae", value=0.5, best=0.2),
        EvaluationScore(output="z", name="loss", value=0.1),
    ]  # fmt: skip
    found = add_output_scores(own, judged)
    assert [(s.key, s.low) for s in found] == [
        ("loss", None), ("y/mae", 0.1), ("y/R2", 0.1), ("z/loss", None)
    ]  # fmt: skip
    record = EvaluationRecord(name="d", data="d.csv", rows=3, scores=found)
    assert EvaluationRecord.from_dict(record.to_dict()) == record
    assert score_rows(record)[2] == ["y", "mae", "0.5000", "0.1000 to 0.9000", "0.5000", "0.2000"]
    assert len(score_rows(record, is_short=True)) == 3
    assert len(score_legend(record)) == 3


def test_the_legend_and_the_table_speak_of_the_scores_that_are_listed():
    def record(task, name, **fields):
        score = EvaluationScore(output="y", name=name, value=-0.000482, low=0.1, high=0.9, **fields)
        outputs = (OutputEvaluation(name="y", task=task),)
        return EvaluationRecord(name="d", data="d.csv", rows=3, scores=(score,), outputs=outputs)

    numbers = record("number", "R2", baseline=0.25, baseline_name="last value")
    said = " ".join(score_legend(numbers))
    assert "F1" not in said
    assert "class" not in said
    assert "the last value before the forecast" in said
    assert score_rows(numbers)[1][2::2] == ["-0.0005", "last value 0.2500"]
    said = " ".join(score_legend(record("classes", "F1 ant", baseline=0.25)))
    assert "RMSE" not in said
    assert "the most frequent class" in said
    assert score_rows(record("classes", "F1 ant"))[1][1] == "F1 of ant"


def test_a_baseline_names_its_output():
    scores = [
        EvaluationScore(output=output, name="R2", value=0.5, low=0.1, high=0.9, baseline=0, **name)
        for output, name in (("x", {}), ("y", {"baseline_name": "last value"}), ("z", {}))
    ]
    outputs = tuple(OutputEvaluation(name=score.output, task="number") for score in scores)
    record = EvaluationRecord(name="d", data="d", rows=3, scores=tuple(scores), outputs=outputs)
    assert [line for line in score_legend(record) if line.startswith("Baseline")] == [
        "Baseline of x: always predicting the mean of the training rows.",
        "Baseline of y: always predicting the last value before the forecast.",
        "Baseline of z: always predicting the mean of the training rows.",
    ]

"""What a network gets wrong is counted as scikit-learn counts it, and named by its row."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics

from engine.core.diagnostic import DiagnosticError
from engine.runs.evaluation import EvaluationRecord, load_evaluations, save_evaluation
from engine.runtime.evaluation.diagrams import (
    MAX_CELL_ROWS,
    MAX_POINTS,
    MAX_ROWS,
    calibration,
    confusion,
    rankings,
    residuals,
)
from engine.runtime.evaluation.record import evaluate_run
from engine.runtime.inference.prediction_columns import prediction_columns
from engine.runtime.inference.trained_model import TrainedModel
from tests.engine.runtime.small import (
    line,
    node,
    ordered,
    predicted_values,
    project,
    run,
    scores_of,
)


def drawn(rows=500, seed=0, digits=None):
    rng = np.random.default_rng(seed)
    truth = rng.random(rows) < 0.3
    score = np.clip(0.5 * truth + rng.normal(0.3, 0.25, rows), 0, 1)
    return truth, score if digits is None else score.round(digits)


@pytest.mark.parametrize("digits", [None, 1])
def test_rankings_are_those_of_scikit_learn_ties_included(digits):
    truth, score = drawn(digits=digits)
    roc, recall = rankings(truth, score, "yes")
    assert roc.area == pytest.approx(metrics.roc_auc_score(truth, score), rel=1e-5)
    average = metrics.average_precision_score(truth, score)
    assert recall.area == pytest.approx(average, rel=1e-5)
    false, true, _ = metrics.roc_curve(truth, score, drop_intermediate=False)
    assert set(zip(roc.x, roc.y, strict=True)) <= {
        (float(f"{x:.6g}"), float(f"{y:.6g}")) for x, y in zip(false, true, strict=True)
    }
    assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0, 0, 1, 1)
    assert roc.label == "yes"


def test_a_long_curve_is_thinned_and_keeps_its_shape():
    truth, score = drawn(50_000)
    roc, _ = rankings(truth, score)
    assert len(roc.x) <= MAX_POINTS + 2
    area = sum((b - a) * (p + q) / 2 for a, b, p, q in
               zip(roc.x, roc.x[1:], roc.y, roc.y[1:], strict=False))  # fmt: skip
    assert area == pytest.approx(roc.area, abs=1e-3)


def test_rows_that_are_all_alike_have_no_ranking():
    assert rankings(np.ones(5, bool), np.arange(5.0)) is None
    assert rankings(np.zeros(0, bool), np.zeros(0)) is None


def test_confusion_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    truth, said = rng.integers(0, 4, 300), rng.integers(0, 4, 300)
    rows, losses = np.arange(300) * 2, rng.random(300)
    found = confusion(truth, said, list("abcd"), rows, losses)
    matrix = metrics.confusion_matrix(truth, said)
    assert [list(row) for row in found.counts] == matrix.tolist()
    np.fill_diagonal(matrix, 0)
    worst = found.pairs[0]
    assert worst.count == matrix.max()
    assert matrix["abcd".index(worst.truth), "abcd".index(worst.predicted)] == worst.count
    assert len(found.pairs) == 12
    inside = np.flatnonzero((truth == 1) & (said == 2))
    worst = inside[np.argsort(-losses[inside])]
    assert list(found.rows(1, 2)) == (worst * 2).tolist()[:MAX_CELL_ROWS]


def test_a_row_of_many_answers_is_named_once_in_a_cell_and_cells_stay_small():
    truth = np.zeros(90, int)
    found = confusion(truth, truth, ["a", "b"], np.arange(90) // 30, np.arange(90) // 30 * 1.0)
    assert found.rows(0, 0) == (2, 1, 0)
    assert found.rows(1, 0) == ()
    classes = np.arange(64).repeat(100)
    named = confusion(classes, classes, [str(n) for n in range(64)], np.arange(6400), classes * 1.0)
    assert {len(cell.rows) for cell in named.cells} == {MAX_CELL_ROWS}
    assert sum(len(cell.rows) for cell in named.cells) <= MAX_ROWS


def test_many_classes_are_told_by_their_most_frequent_mistakes():
    truth = np.arange(1000) % 100
    labels = [str(n) for n in range(100)]
    said = (truth + (truth == 7)) % 100
    found = confusion(truth, said, labels, np.arange(1000), np.zeros(1000))
    assert found.counts == ()
    assert [(p.truth, p.predicted, p.count) for p in found.pairs] == [("7", "8", 10)]


def test_calibration_is_that_of_scikit_learn():
    truth, score = drawn(3000)
    found = calibration(score, truth)
    from sklearn.calibration import calibration_curve

    observed, predicted = calibration_curve(truth, score, n_bins=10)
    assert [one.observed for one in found.bins] == pytest.approx(observed.tolist(), abs=1e-5)
    assert [one.predicted for one in found.bins] == pytest.approx(predicted.tolist(), abs=1e-5)
    gaps = [one.count * abs(one.observed - one.predicted) for one in found.bins]
    assert found.error == pytest.approx(sum(gaps) / 3000, abs=1e-5)
    assert calibration(np.zeros(0), np.zeros(0)).error is None


def test_residuals_keep_outliers_out_of_the_picture_and_in_the_count():
    truth = np.zeros(2000)
    said = np.append(np.random.default_rng(0).normal(1, 1, 1999), 1e6)
    found = residuals(truth, said)
    assert sum(found.counts) == 2000
    assert found.edges[-1] < 10
    assert found.largest == 1e6
    assert len(found.truth) == len(found.predicted) == 1000
    assert residuals(np.full(4, np.nan), np.zeros(4)).mean is None
    assert sum(residuals(np.ones(4), np.ones(4)).counts) == 4


def several(**recipe):
    return project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=1),
        node("p", "Dense", "x", units=1, activation="sigmoid"),
        node("c", "Dense", "x", units=3, activation="softmax"),
        node("m", "Dense", "x", units=2, activation="sigmoid"),
        node("size", "Output", "d", loss="mse", metrics=["mae"], unit="cm", missing="mask"),
        node("yes", "Output", "p", loss="binary_crossentropy", metrics=["auc"]),
        node("kind", "Output", "c", loss="sparse_categorical_crossentropy",
             metrics=["accuracy"], labels=["red", "green", "blue"]),
        node("tags", "Output", "m", loss="binary_crossentropy"),
        data={"targets": {"size": {"column": "size", "scale": "standardize"}}},
        **{"epochs": 3, "batch_size": 8, "validation_split": 0.25} | recipe,
    )  # fmt: skip


def rows(count=80):
    arrays = line(count)
    x = arrays["x"]
    size = 100 + 20 * x[:, 0]
    size[3] = np.nan
    return {
        "x": x, "size": size.astype("float32"), "yes": (x[:, 1] > 0).astype("int64"),
        "kind": np.digitize(x[:, 2], [-0.5, 0.5]), "tags": (x[:, :2] > 0).astype("float32"),
    }  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    place = tmp_path_factory.mktemp("made")
    folder, _ = run(ordered(place, several(), rows()))
    return (
        folder,
        place / "small.npz",
        evaluate_run(TrainedModel.open(folder.path), place / "small.npz"),
    )


def output(results, name):
    return next(one for one in results.outputs if one.name == name)


def test_the_record_has_the_very_scores_that_the_network_has(made):
    folder, data, results = made
    trained = TrainedModel.open(folder.path)
    scores = {s.key: s.value for s in results.scores}
    assert scores.items() >= scores_of(trained, data).items()
    assert results.rows == 80
    assert results.stamp["hashes"] == folder.record["hashes"]
    assert results.labelled == {"size": 79}


def test_each_task_has_its_own_parts(made):
    _, _, results = made
    assert [(one.name, one.task, one.count) for one in results.outputs] == [
        ("size", "number", 79), ("yes", "yes-no", 80), ("kind", "classes", 80),
        ("tags", "labels", 80),
    ]  # fmt: skip
    size, yes, kind, tags = results.outputs
    assert (len(size.residuals), size.roc, size.confusion.counts) == (1, (), ())
    assert len(yes.roc) == len(yes.precision_recall) == 1
    auc = next(s.value for s in results.scores if s.key == "yes/auc")
    assert yes.roc[0].area == pytest.approx(auc, abs=0.02)  # Keras' has 200 thresholds
    assert [curve.label for curve in kind.roc] == ["red", "green", "blue"]
    right = sum(row[at] for at, row in enumerate(kind.confusion.counts))
    assert right / 80 == next(s.value for s in results.scores if s.key == "kind/accuracy")
    assert [curve.label for curve in tags.roc] == ["0", "1"]
    assert sum(one.count for one in tags.calibration.bins) == 160


def test_numbers_stand_in_the_persons_unit(made):
    _, _, results = made
    size = output(results, "size")
    truth = np.array(size.residuals[0].truth)
    assert 60 < truth.mean() < 140
    mae = next(s for s in results.scores if s.key == "size/mae")
    off = np.array(size.residuals[0].predicted) - truth
    assert np.abs(off).mean() == pytest.approx(mae.value, rel=1e-4)
    assert size.worst[0].truth.endswith(" cm")


def test_the_worst_rows_are_named_as_they_stand_in_the_table(made):
    folder, data, _ = made
    trained = TrainedModel.open(folder.path)
    held = evaluate_run(trained, None, "validation")
    assert (held.rows, held.split, held.name) == (20, "validation", "validation")
    kept_rows = set()
    arrays = np.load(data)
    for worst in output(held, "kind").worst:
        assert worst.truth == ["red", "green", "blue"][arrays["kind"][worst.row]]
        kept_rows.add(worst.row)
    losses = [worst.loss for worst in output(held, "kind").worst]
    assert losses == sorted(losses, reverse=True)
    trained_on = {worst.row for worst in output(evaluate_run(trained, None, "train"), "kind").worst}
    assert not kept_rows & trained_on
    sizes = output(evaluate_run(trained, data), "size")
    assert 3 not in {worst.row for worst in sizes.worst}


def test_a_record_survives_as_json(made):
    folder, _, results = made
    text = json.dumps(results.to_dict(), allow_nan=False)
    assert EvaluationRecord.from_dict(json.loads(text)) == results
    path = save_evaluation(folder.path, results)
    assert path.name == "small.npz.json"
    (folder.path / "results/broken.json").write_text("[]")
    assert load_evaluations(folder.path)[0] == results


def test_the_folder_of_a_deleted_run_does_not_come_back(made, tmp_path):
    with pytest.raises(DiagnosticError) as refused:
        save_evaluation(tmp_path / "gone", made[2])
    assert refused.value.diagnostics[0].code == "run-missing"
    assert not (tmp_path / "gone").exists()


def test_steps_of_a_sequence_are_answers_of_their_row(tmp_path):
    given = project(
        node("x", "Input", shape=[4, 3]),
        node("c", "Dense", "x", units=3, activation="softmax"),
        node("y", "Output", "c", loss="sparse_categorical_crossentropy", missing="mask"),
        epochs=1, validation_split=0.0,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, (20, 4)).astype(float)
    labels[2] = np.nan
    arrays = {"x": rng.normal(size=(20, 4, 3)).astype("float32"), "y": labels}
    folder, _ = run(ordered(tmp_path, given, arrays))
    (found,) = evaluate_run(TrainedModel.open(folder.path), tmp_path / "small.npz").outputs
    assert found.count == 76
    assert all(len(worst.truth.split(", ")) == 4 for worst in found.worst)
    assert 2 not in {worst.row for worst in found.worst}


@pytest.mark.parametrize(
    ("loss", "activation"),
    [
        ("binary_crossentropy", "sigmoid"),
        ({"kind": "binary_crossentropy", "params": {"from_logits": True}}, "linear"),
        ("hinge", "tanh"),
    ],
)
def test_predicted_labels_are_those_that_the_evaluation_counts(tmp_path, loss, activation):
    given = project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=1, activation=activation),
        node("y", "Output", "d", loss=loss),
        epochs=3, validation_split=0.0,
    )  # fmt: skip
    arrays = line(rows=200)
    arrays["y"] = (arrays["y"] > 0).astype("float32")
    folder, _ = run(ordered(tmp_path, given, arrays))
    trained = TrainedModel.open(folder.path)
    data = tmp_path / "small.npz"
    (found,) = evaluate_run(trained, data).outputs
    labels = prediction_columns(trained.heads, predicted_values(trained, data), trained.fitted)[
        "y_predicted"
    ]
    expected = metrics.confusion_matrix(arrays["y"].astype(int), labels)
    assert np.array(found.confusion.counts).tolist() == expected.tolist()


def test_the_worst_counts_are_those_farthest_from_their_prediction(tmp_path):
    """The least Poisson loss of a large count is far below that of a small one."""
    x, counts = np.ones((60, 1), "float32"), {"kind": "number", "params": {"scale": "mean"}}
    y = np.full((60, 1), 400_000.0, "float32")
    y[3], y[7] = 700_000, 2
    given = project(
        node("x", "Input", shape=[1]),
        node("d", "Dense", "x", units=1, activation="softplus"),
        node("y", "Output", "d", loss="poisson"),
        data={"targets": {"y": {"column": "y", "encode": counts}}},
        optimizer={"kind": "Adam", "params": {"learning_rate": 0.1}}, epochs=60,
    )  # fmt: skip
    folder, _ = run(ordered(tmp_path, given, {"x": x, "y": y}))
    (found,) = evaluate_run(TrainedModel.open(folder.path), tmp_path / "small.npz").outputs
    assert [worst.row for worst in found.worst[:2]] == [7, 3]
    assert (found.worst[0].truth, found.worst[1].truth) == ("2", "700000")
    assert "e" not in "".join(worst.predicted for worst in found.worst)
    assert min(worst.loss for worst in found.worst) >= 0

"""Balanced classes: found in the training rows, kept with the run, and used wherever it scores."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from engine.check.report import check_project
from engine.data.prepared_data import prepare_data
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.loss_weighting.total_loss import heads_of
from engine.runtime.training.builder import build_training
from tests.engine.runtime.small import node, ordered, project, run, scores_of

ROWS = 60
CLASSES = np.repeat([0, 1, 2], [40, 15, 5])


def rows():
    rng = np.random.default_rng(0)
    mixed = rng.permutation(ROWS)
    return {"x": rng.normal(size=(ROWS, 3)).astype("float32"), "kind": CLASSES[mixed]}


def given(weights, **recipe):
    return project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=3, activation="softmax"),
        node("kind", "Output", "d", loss="sparse_categorical_crossentropy", class_weight=weights),
        **{"validation_split": 0.25, "epochs": 2} | recipe,
    )


def test_a_balanced_run_is_the_run_with_these_weights_given(tmp_path):
    data = rows()
    (tmp_path / "balanced").mkdir()
    order = ordered(tmp_path / "balanced", given("balanced"), data)
    folder, events = run(order)
    report = check_project(given("balanced"))
    prepared = prepare_data(report, order.data, None)
    own = prepared.train.targets["kind"]
    wanted = compute_class_weight("balanced", classes=np.unique(own), y=own)
    assert folder.record["fitted"]["class_weights"]["kind"] == pytest.approx(wanted)
    assert heads_of(build_training(prepared).network)[0].class_weight == pytest.approx(wanted)
    (tmp_path / "given").mkdir()
    told = {str(number): weight for number, weight in enumerate(wanted.tolist())}
    _, others = run(ordered(tmp_path / "given", given(told), data))
    assert [e.train for e in events if e.kind == "epoch-done"] == [
        e.train for e in others if e.kind == "epoch-done"
    ]
    assert [e.validation for e in events if e.kind == "epoch-done"] == [
        e.validation for e in others if e.kind == "epoch-done"
    ]


def test_an_opened_run_scores_with_the_weights_of_its_training(tmp_path):
    order = ordered(tmp_path, given("balanced"), rows())
    folder, _ = run(order)
    trained = TrainedModel.open(folder.path)
    weights = folder.record["fitted"]["class_weights"]["kind"]
    assert heads_of(trained.network)[0].class_weight == pytest.approx(weights)
    few = {"x": rows()["x"][:10], "kind": np.zeros(10, np.int64)}
    np.savez(tmp_path / "few.npz", **few)
    found = scores_of(trained, tmp_path / "few.npz")["kind/loss"]
    assert scores_of(trained, order.data)["kind/loss"] > 0
    trained.network.set_class_weights({"kind": (1.0, 1.0, 1.0)})
    plain = scores_of(trained, tmp_path / "few.npz")["kind/loss"]
    assert found == pytest.approx(weights[0] * plain)

"""Rows that count more: the training with weights is Keras' `sample_weight`, from a column."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.events import EpochDone
from tests.engine.runtime.small import line, node, ordered, project, run

ROWS = 40


def given(**data):
    return project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=1),
        node("e", "Dense", "x", units=1),
        node("y", "Output", "d", loss="mse", metrics=["mae"]),
        node("z", "Output", "e", loss="mae"),
        data=data,
        epochs=2,
        batch_size=8,
        validation_split=0.0,
        shuffle=False,
    )


def rows():
    arrays = line(ROWS)
    return arrays | {"z": -arrays["y"], "w": np.linspace(0, 3, ROWS)}


def epochs(folder, **data):
    _, events = run(ordered(folder, given(**data), rows()))
    return [event.train for event in events if isinstance(event, EpochDone)]


@pytest.mark.parametrize("outputs", [("y", "z"), ("y",)])
def test_a_column_of_weights_trains_as_sample_weight_does(tmp_path, outputs):
    weights = {"column": "w"} if len(outputs) == 2 else {"y": {"column": "w"}}
    found = epochs(tmp_path, weights=weights)
    arrays = rows()
    model = engine.load(tmp_path / "small.loom.json")
    history = model.fit(
        {"x": arrays["x"]}, {name: arrays[name] for name in ("y", "z")}, epochs=2, batch_size=8,
        shuffle=False, sample_weight=dict.fromkeys(outputs, arrays["w"]), verbose=0,
    )  # fmt: skip
    for key in ("loss", "y_loss", "z_loss", "y_mae"):
        own = key if key == "loss" else key.replace("_", "/", 1)
        assert [each[own] for each in found] == pytest.approx(history.history[key])


def test_a_row_of_weight_nothing_changes_nothing(tmp_path):
    arrays = rows()
    arrays["w"] = np.where(np.arange(ROWS) < 10, 0.0, 1.0)
    changed = arrays | {"y": np.where(np.arange(ROWS) < 10, 1e3, arrays["y"])}
    weighed = given(weights={"y": {"column": "w"}})
    ends = []
    for name, each in (("a", arrays), ("b", changed)):
        (tmp_path / name).mkdir()
        _, events = run(ordered(tmp_path / name, weighed, each))
        ends.append([e.train["y/loss"] for e in events if isinstance(e, EpochDone)])
    assert ends[0] == ends[1]

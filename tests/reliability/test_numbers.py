"""Diverging runs and batches of one row: messages name the layer, checkpoints stay finite."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.core.codes import CODES, ExitCode
from engine.events import RunFailed, RunFinished
from engine.runs.request import TrainRequest
from engine.runtime.checkpoints.checkpoint import CheckpointStore
from tests.engine.runtime.small import line, node, ordered, project, run, steps
from tests.tiers import cases

SGD = {"kind": "SGD"}


def deep(rate, **recipe):
    """Return a network of three layers with a given learning rate."""
    return project(
        node("x", "Input", shape=[3]),
        node("first", "Dense", "x", units=8),
        node("second", "Dense", "first", units=8),
        node("third", "Dense", "second", units=1),
        node("y", "Output", "third", loss="mse", metrics=["mae"]),
        optimizer={**SGD, "params": {"learning_rate": rate}},
        **{"epochs": 50, "batch_size": 8, "checkpoint_every": {"steps": 1}, "seed": 3} | recipe,
    )


def finite(weights):
    return all(bool(torch.isfinite(tensor).all()) for tensor in weights.values())


@pytest.mark.parametrize("rate", [1.0, 1e3, 1e10, 1e20, 3e38])
def test_a_run_that_runs_away_ends_with_its_layer_named_and_its_checkpoints_whole(
    rate, tmp_path, figures
):
    folder, events = run(ordered(tmp_path, deep(rate), line()))
    last = events[-1]
    assert isinstance(last, RunFailed)
    assert (last.code, CODES[last.code].exit) == ("diverged", ExitCode.DIVERGED)
    assert last.diagnostic["node"] in ("first", "second", "third", "y")
    assert last.diagnostic["found"]
    assert all(np.isfinite(steps(events)))
    checkpoints = CheckpointStore(folder.checkpoints_path)
    if checkpoints.has_checkpoint:
        for loaded in (checkpoints.load(), checkpoints.load_best()):
            assert loaded.warnings == ()
            assert finite(loaded.checkpoint.weights)
        _, again = run(TrainRequest(None, None, run=folder.path, resume=True))
        assert again[-1].code == "diverged"
    figures(
        steps=len(steps(events)),
        layer=last.diagnostic["node"],
        checkpoints=checkpoints.has_checkpoint,
    )


def test_the_layer_in_which_it_begins_is_named_not_the_last_one(tmp_path):
    """Too large weights of `second` overflow in this layer and all later ones."""
    given = deep(1e-3, checkpoint_every={"epochs": 1})
    huge = {"kind": "Constant", "params": {"value": 3e38}}
    nodes = [
        node("x", "Input", shape=[3]),
        node("first", "Dense", "x", units=8),
        node("second", "Dense", "first", units=8, kernel_initializer=huge),
        node("third", "Dense", "second", units=1),
        node("y", "Output", "third", loss="mse"),
    ]
    _, events = run(ordered(tmp_path, project(*nodes, **dict(given.recipe)), line()))
    assert events[-1].diagnostic["node"] == "second"
    assert "its output" in events[-1].diagnostic["found"]


@pytest.mark.parametrize("size", range(2, cases(4, 12, 34)))
def test_a_last_batch_of_one_row_does_no_harm_to_batch_norm(size, tmp_path):
    """As in Keras, the output for such a batch is zero, and no weight becomes NaN."""
    given = project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=4),
        node("norm", "BatchNormalization", "d"),
        node("o", "Dense", "norm", units=1),
        node("y", "Output", "o", loss="mse"),
        epochs=2, batch_size=size, validation_split=0.0,
    )  # fmt: skip
    folder, events = run(ordered(tmp_path, given, line(3 * size + 1)))
    assert events[0].steps_per_epoch == 4
    assert isinstance(events[-1], RunFinished)
    assert all(np.isfinite(steps(events)))
    assert finite(CheckpointStore(folder.checkpoints_path).load().checkpoint.weights)

"""A run that goes on from the state in a checkpoint ends as if it had never stopped."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.events import RunFinished
from engine.recipe.optimizer import OPTIMIZERS
from engine.runs.request import TrainRequest
from engine.runtime.run.training_checkpoint import restore_checkpoint
from tests.engine.runtime.small import node, ordered, project, run
from tests.reliability import runs
from tests.reliability.subjects import remembering, rows
from tests.tiers import SOAK, grid

STOP = 9  # within the second epoch, between two optimizer steps


def resumed(order: TrainRequest, folder):
    """Stop a run, resume it from its checkpoint, and return its curves and weights."""
    broken, _ = run(replace(order, run=folder), STOP)
    _, events = run(TrainRequest(None, None, run=broken.path, resume=True))
    assert isinstance(events[-1], RunFinished)
    return runs.curves(broken.path), runs.weights(broken.path)


@pytest.mark.parametrize("batch", [-1, 1, 8])
def test_another_position_is_no_state_of_this_training(batch, tmp_path, monkeypatch):
    def moved(training, checkpoint):
        state = copy.deepcopy(dict(checkpoint.state))
        state["progress"]["batch"] = batch
        restore_checkpoint(training, replace(checkpoint, state=state))

    monkeypatch.setattr("engine.runtime.run.recorded_training.restore_checkpoint", moved)
    order = ordered(tmp_path, plain(epochs=2, batch_size=8), rows())
    with pytest.raises(DiagnosticError) as refused:
        resumed(order, tmp_path / "run")
    assert refused.value.diagnostics[0].code == "checkpoint-unfit"


def conv(**recipe):
    return project(
        node("x", "Input", shape=[3]),
        node("steps", "Reshape", "x", target_shape=[3, 1]),
        node("c", "Conv1D", "steps", filters=4, kernel_size=2),
        node("norm", "BatchNormalization", "c"),
        node("p", "GlobalMaxPooling1D", "norm"),
        node("d", "Dense", "p", units=1),
        node("size", "Output", "d", loss="mse"),
        **recipe,
    )


def plain(**recipe):
    return project(
        node("x", "Input", shape=[3]),
        node("h", "Dense", "x", units=5, activation="tanh"),
        node("d", "Dense", "h", units=1),
        node("size", "Output", "d", loss="mse"),
        **recipe,
    )


NETWORKS = {"recurrent": remembering, "convolution": conv, "dense": plain}
KINDS = [*OPTIMIZERS]
PAIRS = [(kind, name) for place, kind in enumerate(KINDS) for at, name in enumerate(NETWORKS)
         if SOAK or at == place % 3]  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), grid(PAIRS, 3))
def test_every_optimizer_goes_on_exactly(kind, name, tmp_path):
    recipe: Mapping[str, object] = {
        "optimizer": kind, "epochs": 2, "batch_size": 8, "accumulate": 2, "seed": 9,
    }  # fmt: skip
    order = ordered(tmp_path, NETWORKS[name](**recipe), rows())
    whole, _ = run(order)
    expected = (runs.curves(whole.path), runs.weights(whole.path))
    assert resumed(order, tmp_path / "broken") == expected

"""Each part of the state in a checkpoint is needed: without it, the run ends differently."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.events import RunFinished
from engine.recipe.optimizer import OPTIMIZERS
from engine.runtime.checkpoints.checkpoint import Checkpoint
from engine.runtime.run.request import TrainRequest
from engine.runtime.run.training_checkpoint import make_checkpoint, restore_checkpoint
from tests.engine.runtime.small import node, ordered, project, run
from tests.reliability import runs
from tests.reliability.subjects import remembering, rows
from tests.tiers import SOAK, grid

STOP = 9  # within the second epoch, between two optimizer steps


def fresh(checkpoint: Checkpoint, training) -> Checkpoint:
    """Return the state of a checkpoint at the start of a run."""
    return replace(checkpoint, state=make_checkpoint(training).state)


def without(part: str):
    """Return a function that resets one part of the state of a checkpoint."""

    def forget(checkpoint: Checkpoint, training) -> Checkpoint:
        state = copy.deepcopy(dict(checkpoint.state))
        start = fresh(checkpoint, training).state
        match part:
            case "weights":
                own = make_checkpoint(training).weights
                return replace(checkpoint, weights=own)
            case "moving statistics":
                own = make_checkpoint(training).weights
                moving = {name: value for name, value in own.items() if "moving" in name}
                return replace(checkpoint, weights={**checkpoint.weights, **moving})
            case "optimizer":
                own = make_checkpoint(training).optimizer
                gradients = {n: t for n, t in checkpoint.optimizer.items() if "gradient/" in n}
                return replace(checkpoint, optimizer={**own, **gradients})
            case "open gradients":
                kept = {n: t for n, t in checkpoint.optimizer.items() if "gradient/" not in n}
                return replace(checkpoint, optimizer=kept)
            case "updates":
                state["progress"]["updates"] = 0
            case "ledger" | "buffers":
                state[part] = start[part]
            case "best":
                state["progress"]["best"] = start["progress"]["best"]
        return replace(checkpoint, state=state)

    return forget


PARTS = (
    "weights", "moving statistics", "optimizer", "open gradients", "updates", "ledger", "buffers",
)  # fmt: skip


@pytest.fixture(scope="module")
def order(tmp_path_factory) -> TrainRequest:
    return ordered(tmp_path_factory.mktemp("state"), remembering(epochs=3), rows())


@pytest.fixture(scope="module")
def expected(order):
    folder, _ = run(order)
    return runs.curves(folder.path), runs.weights(folder.path)


def resumed(order: TrainRequest, folder, monkeypatch, change=None):
    """Stop a run, resume it from a modified checkpoint, and return the result."""
    broken, _ = run(replace(order, run=folder), STOP)

    def restore(training, checkpoint):
        restore_checkpoint(training, change(checkpoint, training) if change else checkpoint)

    monkeypatch.setattr("engine.runtime.run.recorded_training.restore_checkpoint", restore)
    _, events = run(TrainRequest(None, None, run=broken.path, resume=True))
    assert isinstance(events[-1], RunFinished)
    return runs.curves(broken.path), runs.weights(broken.path)


def test_with_all_of_it_the_run_ends_as_it_would_have(order, expected, tmp_path, monkeypatch):
    assert resumed(order, tmp_path / "run", monkeypatch) == expected


@pytest.mark.parametrize("part", grid(PARTS, 5))
def test_without_one_part_of_it_the_run_ends_elsewhere(
    part, order, expected, tmp_path, monkeypatch
):
    """So the test above detects the loss of this part."""
    assert resumed(order, tmp_path / "run", monkeypatch, without(part)) != expected


@pytest.mark.parametrize("batch", [-1, 1, 8])
def test_another_position_is_no_state_of_this_training(batch, order, tmp_path, monkeypatch):
    def moved(checkpoint, training):
        state = copy.deepcopy(dict(checkpoint.state))
        state["progress"]["batch"] = batch
        return replace(checkpoint, state=state)

    with pytest.raises(DiagnosticError) as refused:
        resumed(order, tmp_path / "run", monkeypatch, moved)
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
def test_every_optimizer_goes_on_exactly(kind, name, tmp_path, monkeypatch):
    recipe: Mapping[str, object] = {
        "optimizer": kind, "epochs": 2, "batch_size": 8, "accumulate": 2, "seed": 9,
    }  # fmt: skip
    order = ordered(tmp_path, NETWORKS[name](**recipe), rows())
    whole, _ = run(order)
    expected = (runs.curves(whole.path), runs.weights(whole.path))
    assert resumed(order, tmp_path / "broken", monkeypatch) == expected

"""Small projects, data and trainings for the tests of the runtime."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import Tensor, no_grad

from engine.check.report import check
from engine.compile.plan import build_plan
from engine.data.dataset.dataset import Dataset
from engine.events import Event, StepsDone
from engine.graph.model import Project
from engine.graph.serialization.file import dumps, parse
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.step_buffer import TrainingStep
from engine.runs.request import TrainRequest
from engine.runtime.batches.data_loader import DataLoader, make_data_loader
from engine.runtime.device import make_device_context
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.model.losses import loss_sum
from engine.runtime.model.network import Network
from engine.runtime.optimizers.algorithms import make_optimizer
from engine.runtime.run.runner import train
from engine.runtime.training.epoch_metrics import evaluate
from engine.runtime.training.training import Training


def node(
    name: str, kind: str, x: Any = None, *, shares: str = "", off: bool = False, **params: Any
):
    """Return a node as it stands in a file; `x` is a name, a mapping of ports, or None."""
    told: dict[str, Any] = {"name": name, "kind": kind}
    if x is not None:
        told["inputs"] = x if isinstance(x, Mapping) else {"x": x}
    if params:
        told["params"] = params
    return told | ({"shares": shares} if shares else {}) | ({"off": True} if off else {})


def project(*nodes: dict[str, Any], data: Any = None, **recipe: Any) -> Project:
    """Return a project of nodes and recipe fields."""
    whole = {
        "format": "layerloom",
        "version": 1,
        "graph": {"nodes": list(nodes)},
        "recipe": {"device": "cpu", **recipe},
        "data": data or {},
    }
    return parse(json.dumps(whole).encode()).project


def network(given: Project, seed: int | None = 3) -> Network:
    """Return the module of a sound project."""
    report = check(given)
    assert not report.errors, "\n".join(map(str, report.errors))
    return Network(build_plan(given.graph, report), seed)


def loss_value(*given: Any) -> Tensor:
    """Return a loss; arguments as in `loss_sum`."""
    return loss_sum(*given).value()


def training(given: Project, inputs: Any, targets: Any, held: Any = None) -> Training:
    """Return a training that is ready to start; `held` is a pair of inputs and targets."""
    recipe = check(given).recipe
    net = network(given, recipe.seed)
    place = make_device_context("cpu", recipe.precision)
    place.setup_module(net)
    optimizer = make_optimizer(recipe.optimizer, dict(net.named_parameters()))

    def feed(pair: Any) -> DataLoader:
        return DataLoader(*pair, recipe.batch_size, place.dtype)

    return Training(
        net, recipe, optimizer, feed((inputs, targets)), feed(held) if held else None, place
    )


def steps(events: Iterable[Event | TrainingStep], what: str = "loss") -> list[float]:
    """Return one number for each step: the total, "learning_rate", or an output's loss."""
    found: list[float] = []
    for event in events:
        if isinstance(event, StepsDone | TrainingStep):
            own = {"loss": event.loss, "learning_rate": event.learning_rate, **event.losses}
            found += own[what] if isinstance(event, StepsDone) else [own[what]]
    return found


def ordered(folder: Path, given: Project, arrays: Mapping[str, Any], **order: Any) -> TrainRequest:
    """Write a project and its data, and answer the order to train them."""
    graph, data = folder / "small.loom.json", folder / "small.npz"
    graph.write_text(dumps(given))
    np.savez(data, **arrays)
    return TrainRequest(graph, data, **order)


def run(order: TrainRequest, stop_after: int = 0) -> tuple[RunFolder, list[Event]]:
    """Carry an order out, and answer the folder and everything that was told.

    Args:
        order: what to do.
        stop_after: steps after which somebody asks for the end; 0 never does. Steps whose gradients
            are accumulated end together.
    """
    folders: list[RunFolder] = []
    events: list[Event] = []

    def stop() -> str:
        steps = [event for event in events if isinstance(event, StepsDone)]
        done = sum(event.last - event.first + 1 for event in steps)
        return "asked" if done >= stop_after > 0 else ""

    with pytest.MonkeyPatch.context() as patch:
        if stop_after:
            patch.setattr(
                "engine.runtime.run.run_recorder.MAX_LINES_PER_SECOND", 1e9
            )  # each step is told at once
        for folder, event in train(order, stop):
            folders.append(folder)
            events.append(event)
    return folders[0], events


def line(
    rows: int = 40, features: int = 3, seed: int = 0, noise: float = 0.1
) -> dict[str, np.ndarray]:
    """Return rows `x` and a number `y` that follows from them almost exactly."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, features)).astype("float32")
    y = x @ np.arange(1, features + 1) + noise * rng.normal(size=rows)
    return {"x": x, "y": y.astype("float32")}


def straight(loss: str = "mse", units: int = 1, **recipe: Any) -> Project:
    """Return the smallest network that learns: x, one Dense layer, y."""
    return project(
        node("x", "Input", shape=[3]),
        node("d", "Dense", "x", units=units),
        node("y", "Output", "d", loss=loss, metrics=["mae"]),
        **recipe,
    )


def scores_of(trained: TrainedModel, rows: Path | Dataset) -> dict[str, float]:
    """Return the scores of a table or a dataset by name, in the units of the targets."""
    dataset = trained.read_dataset(rows, with_targets=True) if isinstance(rows, Path) else rows
    loader = make_data_loader(dataset, trained.batch_size, trained.device_context)
    with no_grad(), trained.device_context.autocast():
        values = evaluate(trained.network, loader.batches())
    return {name: value * trained.score_unit(name).factor for name, value in values.items()}


def predicted_values(trained: TrainedModel, data: Path) -> dict[str, np.ndarray]:
    """Return the predictions for a table file by output name."""
    return trained.predict_rows(trained.open_table(data)).values

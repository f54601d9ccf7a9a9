"""Training loop overhead: 12,000 steps of a tiny network, compared with a plain PyTorch loop.

The contenders take turns, epoch by epoch, in one process. README.md tells what the plain loop
includes.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import process_time
from typing import Any

FEATURES, UNITS, ROWS, BATCH, EPOCHS = 8, 16, 32_000, 32, 12
STEPS = EPOCHS * ROWS // BATCH
RATE, EPSILON = 0.001, 1e-7
Losses = Iterator[float]
AT_MOST = 1.1  # times the CPU time of the plain loop, without a run folder


def arrays() -> dict[str, Any]:
    """Return rows: inputs `x` and targets `y`."""
    import numpy as np

    x = np.random.default_rng(1).normal(size=(ROWS, FEATURES)).astype("float32")
    return {"x": x, "y": np.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:3]}


def graph() -> bytes:
    """Return the network: two Dense(16) layers and an output."""

    def node(name: str, kind: str, inputs: dict[str, str], **params: object) -> dict[str, Any]:
        return {"name": name, "kind": kind, "params": params, "inputs": inputs}

    nodes = [
        node("x", "Input", {}, shape=[FEATURES]),
        node("first", "Dense", {"x": "x"}, units=UNITS, activation="relu"),
        node("second", "Dense", {"x": "first"}, units=UNITS, activation="relu"),
        node("last", "Dense", {"x": "second"}, units=1),
        node("y", "Output", {"x": "last"}, loss="mse"),
    ]
    recipe = {"batch_size": BATCH, "epochs": EPOCHS, "validation_split": 0.0, "device": "cpu",
              "optimizer": {"kind": "Adam", "params": {"learning_rate": RATE, "epsilon": EPSILON}},
              "schedule": {"kind": "Constant"}, "threads": 1}  # fmt: skip
    whole = {"format": "layerloom", "version": 1, "graph": {"nodes": nodes}, "recipe": recipe}
    return json.dumps(whole).encode()


def plain(_: Path) -> Losses:
    """Train with a loop as in PyTorch's tutorials, on rows in memory; yield the loss per epoch."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    x, y = (torch.from_numpy(value) for value in arrays().values())
    model = nn.Sequential(
        nn.Linear(FEATURES, UNITS), nn.ReLU(), nn.Linear(UNITS, UNITS), nn.ReLU(),
        nn.Linear(UNITS, 1),
    )  # fmt: skip
    loss_function = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, eps=EPSILON)
    model.train()
    for _ in range(EPOCHS):
        running_loss = 0.0
        for rows in torch.randperm(ROWS).split(BATCH):
            optimizer.zero_grad()
            loss = loss_function(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            running_loss += loss.item() * len(rows)
        yield running_loss / ROWS


def layerloom(folder: Path) -> Losses:
    """Train with the training loop alone, without a run folder."""
    from engine.check.report import check_project
    from engine.data.prepared_data import prepare_data
    from engine.graph.serialization.file import parse
    from engine.runtime.training.builder import build_training
    from engine.runtime.training.loop import fit

    report = check_project(parse(graph()).project)
    training = build_training(prepare_data(report, _files(folder)[1], None))
    yield from _losses(fit(training))


def recorded(folder: Path) -> Losses:
    """Train as `engine train` does: events, checkpoints and weights are written."""
    from engine.runs.request import TrainRequest
    from engine.runtime.run.runner import train

    file, data = _files(folder)
    yield from _losses(event for _, event in train(TrainRequest(file, data)))


def _losses(events: Iterable[object]) -> Losses:
    from engine.events import EpochDone

    return (event.train["loss"] for event in events if isinstance(event, EpochDone))


def _files(folder: Path) -> tuple[Path, Path]:
    """Write the graph and the rows; return both files."""
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    file, data = folder / "tiny.loom.json", folder / "tiny.npz"
    file.write_bytes(graph())
    np.savez(data, **arrays())
    return file, data


CONTENDERS = {"plain PyTorch": plain, "layerloom": layerloom, "layerloom, recorded": recorded}


def loop(rounds: int, folder: Path) -> str:
    """Train with all contenders in turn, and return a table. The first epoch is a warm-up."""
    import torch

    threads = torch.get_num_threads()
    taken: dict[str, list[float]] = {who: [] for who in CONTENDERS}
    for turn in range(rounds):
        running = {who: train(folder / str(turn)) for who, train in CONTENDERS.items()}
        for epoch in range(EPOCHS):
            for who, losses in running.items():
                began = process_time()
                loss = next(losses)
                seconds = process_time() - began
                print(f"epoch {epoch + 1}: loss {loss:.4f}, {seconds:.2f} s, {who}")
                taken[who] += [seconds] if epoch else []
    torch.set_num_threads(threads)
    lines = ["### Loop", f"\n{STEPS:,} steps of two Dense(16) layers, {rounds} rounds.\n"]
    lines += ["| | CPU microseconds a step | times plain PyTorch | at most |", "|---|---|---|---|"]
    for who, found in taken.items():
        step = statistics.median(found) / STEPS * EPOCHS * 1e6
        pairs = zip(found, taken["plain PyTorch"], strict=True)
        ratio = statistics.median(ours / theirs for ours, theirs in pairs)
        limit = AT_MOST if who == "layerloom" else ""
        lines.append(f"| {who} | {step:,.0f} | {ratio:.2f} | {limit} |")
    return "\n".join([*lines, ""])

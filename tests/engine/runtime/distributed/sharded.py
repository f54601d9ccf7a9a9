"""Trainings of sharded networks by name; as a program, one rank of them."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import torch

from engine.recipe.optimizer import OPTIMIZERS
from engine.runtime.batches.data_loader import DataLoader
from engine.runtime.device import make_device_context
from engine.runtime.distributed.process_group import SINGLE_PROCESS, ProcessGroup, connected_group
from engine.runtime.distributed.sharded_network import shard_network
from engine.runtime.training.loop import fit
from engine.runtime.training.training import Training, build_optimizer
from tests.engine.runtime.distributed.cases import RANDOM, random_rows
from tests.engine.runtime.small import check, network, node, project
from tests.engine.runtime.training.several_losses import rows, several_losses

L1 = {"kind": "L1", "params": {"l1": 0.03}}
# A row of weights more than there are ranks, and fewer rows than ranks.
NARROW = (
    node("x", "Input", shape=[4]),
    node("trunk", "Dense", "x", units=3, activation="tanh", kernel_regularizer=L1),
    node("y", "Dense", "trunk", units=1),
    node("mass", "Output", "y", loss="mse"),
)
SHORT = {"batch_size": 16, "epochs": 1, "sharded": True}


def _narrow(**recipe: Any) -> tuple[Any, dict[str, dict[str, Any]]]:
    given = {"precision": "float64", **SHORT, **recipe}
    all_rows = rows()
    arrays = {"x": all_rows["inputs"]["x"]}, {"mass": all_rows["targets"]["mass"]}
    return project(*NARROW, **given), dict(zip(("inputs", "targets"), arrays, strict=True))


def _case(name: str) -> tuple[Any, dict[str, dict[str, Any]]]:
    momentum = {"kind": "SGD", "params": {"momentum": 0.9, "learning_rate": 0.05}}
    clipped = {"kind": "SGD", "params": {"learning_rate": 0.1}}
    noisy = {**SHORT, "batch_size": 15}
    if name in OPTIMIZERS:
        return _narrow(optimizer=name)
    if name.startswith("clip") or name.startswith("global"):
        params = {**clipped["params"], name: 0.05}
        return several_losses(**SHORT, optimizer={**clipped, "params": params}), rows()
    return {
        "losses": (several_losses(**{**SHORT, "epochs": 2}, optimizer="AdamW"), rows()),
        "accumulated": (several_losses(**SHORT, accumulate=2, optimizer=momentum), rows()),
        "uncertainty": (several_losses(**SHORT, balance="uncertainty"), rows()),
        "random": (project(*RANDOM, **noisy, precision="float64"), random_rows()),
        "float32": (project(*RANDOM, **noisy, precision="float32"), random_rows()),
    }[name]


NAMES = (
    *OPTIMIZERS, "clipnorm", "global_clipnorm", "clipvalue", "losses", "accumulated",
    "uncertainty", "random", "float32",
)  # fmt: skip
BY_THREE = ("AdamW", "losses", "random")


def train(name: str, group: ProcessGroup = SINGLE_PROCESS) -> tuple[list[Any], dict[str, Any]]:
    """Return the events and the final weights of a training."""
    given, arrays = _case(name)
    recipe = check(given).recipe
    context = make_device_context("cpu", recipe.precision)
    net = network(given, recipe.seed)
    if group.size > 1:
        shard_network(net, context.device, group)
    context.setup_module(net)

    def loader() -> DataLoader:
        result = DataLoader(**arrays, batch_size=recipe.batch_size, dtype=context.dtype)
        result.rank, result.rank_count = group.rank, group.size
        return result

    optimizer = build_optimizer(net, recipe)
    training = Training(net, recipe, optimizer, loader(), loader(), context, group=group)
    return list(fit(training)), net.get_weights()


def main(file: Path, *names: str) -> None:
    """Train the cases `names`, and write events and weights by name to a file.

    It also has the squares of some numbers, which the ranks compute in turn.
    """
    torch.set_num_threads(1)
    with connected_group() as group:
        results: dict[str, Any] = {name: train(name, group) for name in names}
        results["squares"] = list(group.map(lambda number: number**2, range(5)))
        if group.rank == 0:
            file.write_bytes(pickle.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

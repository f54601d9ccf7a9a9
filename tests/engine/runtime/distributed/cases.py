"""Trainings whose results must not depend on the number of ranks, by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from lightning_fabric.plugins import MixedPrecision

from engine.graph.model import Project
from engine.recipe.recipe import Precision
from engine.runtime.acceleration import accelerate
from engine.runtime.batches.data_loader import DataLoader
from engine.runtime.device import DeviceContext, make_device_context
from engine.runtime.distributed.process_group import SINGLE_PROCESS, ProcessGroup
from engine.runtime.model.network import Network
from engine.runtime.model.torch_compile import compile_network
from engine.runtime.training.loop import fit
from engine.runtime.training.training import Training, build_optimizer
from tests.engine.runtime.small import check, network, node, project
from tests.engine.runtime.training import several_losses

SEQUENCE, SIDE, ROWS = 5, 6, 31
RANDOM = (
    node("text", "Input", shape=[SEQUENCE], dtype="int32"),
    node("image", "Input", shape=[SIDE, SIDE, 1]),
    node("words", "Embedding", "text", input_dim=50, output_dim=8, mask_zero=True),
    node("channels", "SpatialDropout1D", "words", rate=0.3),
    node("read", "LSTM", "channels", units=6, dropout=0.2, recurrent_dropout=0.2,
         return_sequences=True),
    node("steps", "BatchNormalization", "read"),
    node("attend", "MultiHeadAttention", {"query": "steps", "value": "steps"}, num_heads=2,
         key_dim=3, dropout=0.2),
    node("mean", "GlobalAveragePooling1D", "attend"),
    node("flip", "RandomFlip", "image"),
    node("turn", "RandomRotation", "flip", factor=0.2),
    # Without a bias, whose gradient would be rounding noise: normalization subtracts the mean.
    node("conv", "Conv2D", "turn", filters=3, kernel_size=[3, 3], use_bias=False),
    node("norm", "BatchNormalization", "conv", momentum=0.9),
    node("flat", "Flatten", "norm"),
    node("noise", "GaussianNoise", "flat", stddev=0.1),
    node("both", "Concatenate", {"xs": ["mean", "noise"]}),
    node("drop", "Dropout", "both", rate=0.4),
    node("same", "Dropout", "drop", rate=0.2, noise_shape=[1, None], seed=4),
    node("y", "Dense", "same", units=2, activation="softmax"),
    node("size", "Output", "y", loss="sparse_categorical_crossentropy", metrics=["accuracy"]),
)  # fmt: skip


def random_rows() -> dict[str, dict[str, Any]]:
    rng = np.random.default_rng(2)
    text = rng.integers(1, 50, (ROWS, SEQUENCE)).astype("int32")
    text[np.arange(SEQUENCE) >= rng.integers(1, SEQUENCE + 1, (ROWS, 1))] = 0
    inputs = {"text": text, "image": rng.random((ROWS, SIDE, SIDE, 1))}
    return {"inputs": inputs, "targets": {"size": rng.integers(0, 2, ROWS)}}


def plain_network(**recipe: Any) -> Project:
    """Return a network without random layers, in float32 unless told otherwise."""
    return project(
        node("x", "Input", shape=[8]),
        node("a", "Dense", "x", units=12, activation="tanh"),
        node("b", "Dense", "a", units=1),
        node("y", "Output", "b", loss="mse", metrics=["mae"]),
        **{"batch_size": 15, "epochs": 3, "optimizer": "SGD", **recipe},
    )


def plain_rows() -> dict[str, dict[str, Any]]:
    """Return rows of which one, which a rank other than 0 has, overflows in fp16 when scaled."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(ROWS, 8)), rng.normal(size=(ROWS, 1))
    y[5] = 300
    return {"inputs": {"x": x}, "targets": {"y": y}}


def _case(name: str) -> tuple[Project, dict[str, dict[str, Any]]]:
    losses = {"batch_size": 16, "epochs": 2, "shuffle": True, "optimizer": "Adam"}
    noisy = {"batch_size": 15, "epochs": 2, "optimizer": "RMSprop", "precision": "float64"}
    clipped = {"kind": "SGD", "params": {"learning_rate": 0.1, "global_clipnorm": 0.5}}
    gradnorm = {"kind": "gradnorm", "params": {"layer": "read"}}
    rows = several_losses.rows()
    cases: dict[str, tuple[Project, dict[str, dict[str, Any]]]] = {
        "losses": (several_losses.several_losses(**losses), rows),
        "accumulated": (several_losses.several_losses(**losses, accumulate=3), rows),
        "clipped": (several_losses.several_losses(**{**losses, "optimizer": clipped}), rows),
        "uncertainty": (several_losses.several_losses(**losses, balance="uncertainty"), rows),
        "gradnorm": (several_losses.several_losses(**losses, balance=gradnorm), rows),
        # The last batch has one row, so it has fewer rows than ranks.
        "random": (project(*RANDOM, **noisy), random_rows()),
        "float32": (project(*RANDOM, **{**noisy, "precision": "float32"}), random_rows()),
        "checkpointed": (project(*RANDOM, **noisy, gradient_checkpointing=True), random_rows()),
        "compiled": (plain_network(compile=True, accumulate=2), plain_rows()),
        "overflow": (plain_network(precision="16-mixed"), plain_rows()),
    }
    return cases[name]


NAMES = (
    "losses", "accumulated", "clipped", "uncertainty", "gradnorm", "random", "float32",
    "checkpointed", "compiled", "overflow",
)  # fmt: skip
TOLERANCES = {"float32": 2e-6, "compiled": 2e-6, "overflow": 1e-2}


def context_of(precision: Precision) -> DeviceContext:
    """Return a device context for the CPU; with 16-mixed, which needs a GPU, by a CPU's scaler."""
    if precision != "16-mixed":
        return make_device_context("cpu", precision)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**12, growth_interval=3)
    mixed = MixedPrecision("16-mixed", "cpu", scaler)
    return DeviceContext(torch.device("cpu"), torch.float32, mixed)


def training_of(
    given: Project, rows: dict[str, dict[str, Any]], group: ProcessGroup = SINGLE_PROCESS
) -> Training:
    """Return a training on the CPU that is ready to start, validated on its own rows."""
    recipe = check(given).recipe
    context = context_of(recipe.precision)
    net: Network = network(given, recipe.seed)
    context.setup_module(net)
    optimizer = build_optimizer(net, recipe)
    accelerate(net, optimizer, recipe)

    def loader() -> DataLoader:
        result = DataLoader(
            **rows, batch_size=recipe.batch_size, dtype=context.dtype, device=context.device
        )
        result.rank, result.rank_count = group.rank, group.size
        return result

    return Training(net, recipe, optimizer, loader(), loader(), context, group=group)


def train(name: str, group: ProcessGroup = SINGLE_PROCESS) -> tuple[list[Any], dict[str, Any]]:
    """Return the events and the final weights of a training."""
    training = training_of(*_case(name), group)
    graphs: list[Any] = []
    if training.recipe.compile:
        compile_network(
            training.network, backend=lambda graph, _: graphs.append(graph) or graph.forward
        )
    events, weights = list(fit(training)), training.network.get_weights()
    assert len(graphs) == 2 * training.recipe.compile, "one graph to train, one to evaluate"
    scale, bits = training.device_context.gradient_scale, [x.tobytes() for x in weights.values()]
    ranks = group.gather((scale, bits))
    assert all(rank == ranks[0] for rank in ranks), "the ranks have different weights"
    return events, weights

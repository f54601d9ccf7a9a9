"""Trainings whose results must not depend on the number of ranks, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from lightning_fabric.plugins import MixedPrecision

from engine.events import ControlTaken
from engine.graph.model import Project
from engine.recipe.recipe import Precision
from engine.runs.control.requests import ControlRequest
from engine.runtime.acceleration import accelerate
from engine.runtime.batches.data_loader import DataLoader
from engine.runtime.device import DeviceContext, make_device_context
from engine.runtime.distributed.process_group import SINGLE_PROCESS, ProcessGroup
from engine.runtime.distributed.sharded_network import shard_network
from engine.runtime.model.torch_compile import compile_network
from engine.runtime.training.control import ControlQueue
from engine.runtime.training.loop import fit
from engine.runtime.training.training import Training, build_optimizer
from tests.engine.runtime.small import check, network, node, project
from tests.engine.runtime.training import several_losses

Rows = dict[str, dict[str, Any]]
Trained = tuple[list[Any], dict[str, Any]]

SEQUENCE, SIDE, ROWS = 5, 6, 34
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


STEPS = (
    node("x", "Input", shape=[SEQUENCE, 3]),
    node("present", "Masking", "x"),
    node("read", "GRU", "present", units=6, return_sequences=True),
    node("both", "Bidirectional", "read",
         layer={"kind": "LSTM", "params": {"units": 3, "return_sequences": True}}),
    node("attend", "Attention", {"query": "read", "value": "both"}, dropout=0.1),
    node("add", "Add", {"xs": ["attend", "both"]}),
    node("steps", "LayerNormalization", "add"),
    node("t", "Dense", "steps", units=3, activation="softmax"),
    node("mean", "GlobalMaxPooling1D", "steps"),
    node("p", "Dense", "mean", units=3, activation="sigmoid"),
    node("n", "Dense", "mean", units=2),
    node("tags", "Output", "t", loss="sparse_categorical_crossentropy", metrics=["accuracy"]),
    node("kinds", "Output", "p", loss="binary_crossentropy", missing="mask",
         metrics=["auc", "precision", "f1_score"]),
    node("sizes", "Output", "n", loss="huber", missing="mask", metrics=["r2_score", "mae"]),
)  # fmt: skip
DIVERGING = (
    node("x", "Input", shape=[3]),
    node("before", "Dense", "x", units=4),
    node("norm", "BatchNormalization", "before"),
    node("drop", "Dropout", "norm", rate=0.2),
    node("y", "Dense", "drop", units=1),
    node("size", "Output", "y", loss="mse"),
)


def random_rows() -> Rows:
    rng = np.random.default_rng(2)
    text = rng.integers(1, 50, (ROWS, SEQUENCE)).astype("int32")
    text[np.arange(SEQUENCE) >= rng.integers(1, SEQUENCE + 1, (ROWS, 1))] = 0
    inputs = {"text": text, "image": rng.random((ROWS, SIDE, SIDE, 1))}
    return {"inputs": inputs, "targets": {"size": rng.integers(0, 2, ROWS)}}


def _rows_of_steps() -> Rows:
    """Return rows of which only every second has targets: one of two ranks has none."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(ROWS, SEQUENCE, 3))
    x[np.arange(SEQUENCE) >= rng.integers(1, SEQUENCE + 1, (ROWS, 1))] = 0
    targets = {
        "tags": rng.integers(0, 3, (ROWS, SEQUENCE)),
        "kinds": rng.integers(0, 2, (ROWS, 3)).astype(float),
        "sizes": rng.normal(size=(ROWS, 2)),
    }
    is_even = np.arange(ROWS) % 2 == 0
    masks = {"sizes": is_even, "kinds": is_even[:, None] & (rng.random((ROWS, 3)) < 0.8)}
    return {"inputs": {"x": x}, "targets": targets, "masks": masks}


def _rows_of_weights() -> Rows:
    """Return rows where, in one batch, only rows without a target have a sample weight."""
    rows = several_losses.rows()
    is_even = np.arange(several_losses.ROWS) % 2 == 0
    rows["masks"]["mass"][16:32] = is_even[16:32]
    rows["weights"]["mass"] = np.where(is_even, 0.0, 1.0)
    return rows


def _diverging_rows() -> Rows:
    x = np.random.default_rng(4).normal(size=(ROWS, 3))
    x[9] = np.inf
    return {"inputs": {"x": x}, "targets": {"size": x[:, :1].clip(0, 1)}}


def plain_network(**recipe: Any) -> Project:
    """Return a network without random layers, in float32 unless told otherwise."""
    return project(
        node("x", "Input", shape=[8]),
        node("a", "Dense", "x", units=12, activation="tanh"),
        node("b", "Dense", "a", units=1),
        node("y", "Output", "b", loss="mse", metrics=["mae"]),
        **{"batch_size": 15, "epochs": 3, "optimizer": "SGD", **recipe},
    )


def plain_rows() -> Rows:
    """Return rows of which one, which a rank other than 0 has, overflows in fp16 when scaled."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(ROWS, 8)), rng.normal(size=(ROWS, 1))
    y[5] = 300
    return {"inputs": {"x": x}, "targets": {"y": y}}


CHANGES = (
    ControlTaken(id="1", request="learning_rate", step=3, value=0.02),
    ControlTaken(id="2", request="loss_weight", step=5, value={"sex": 0, "mass": 2}),
    ControlTaken(id="3", request="loss_weight", step=5, value={"none": 1}),
)


class Requests:
    """The requests that only rank 0 of a training reads."""

    def __init__(self) -> None:
        self._waiting = [ControlRequest("5", "continue"), ControlRequest("4", "pause")]

    def read_new(self) -> list[ControlRequest]:
        return [self._waiting.pop()] if self._waiting else []


def control_queue(group: ProcessGroup) -> ControlQueue:
    """Return a queue with changes after some steps, and a pause."""
    if group.rank:
        return ControlQueue(None, group=group)
    return ControlQueue(Requests(), replayed=CHANGES, group=group)


def _case(name: str) -> tuple[Project, Rows]:
    losses = {"batch_size": 16, "epochs": 2, "shuffle": True, "optimizer": "Adam"}
    noisy = {"batch_size": 11, "epochs": 2, "optimizer": "RMSprop", "precision": "float64"}
    uneven = {**noisy, "batch_size": 12, "accumulate": 3, "shuffle": False}
    clipped = {"kind": "SGD", "params": {"learning_rate": 0.1, "global_clipnorm": 0.5}}
    gradnorm = {"kind": "gradnorm", "params": {"layer": "read"}}
    plateau = {"kind": "ReduceLROnPlateau", "params": {"patience": 1, "min_delta": 0.2}}
    stopped = {
        "batch_size": 8, "epochs": 9, "shuffle": False, "optimizer": "SGD", "schedule": plateau,
        "stopping": {"monitors": [{"name": "kinds/auc", "min_delta": 0.01}], "patience": 2},
        "precision": "float64",
    }  # fmt: skip

    def several(**recipe: Any) -> Project:
        return several_losses.several_losses(**{**losses, **recipe})

    cases: dict[str, Callable[[], tuple[Project, Rows]]] = {
        "losses": lambda: (several(), several_losses.rows()),
        "accumulated": lambda: (several(accumulate=3), several_losses.rows()),
        "controlled": lambda: (several(), several_losses.rows()),
        "clipped": lambda: (several(optimizer=clipped), several_losses.rows()),
        "uncertainty": lambda: (several(balance="uncertainty"), several_losses.rows()),
        "gradnorm": lambda: (several(balance=gradnorm), several_losses.rows()),
        "without weights": lambda: (
            several(balance="uncertainty", accumulate=3, shuffle=False), _rows_of_weights(),
        ),
        # The last batch has one row, so it has fewer rows than ranks. With two ranks, one of them
        # has so many words in a batch that its gradient of the embedding would be dense.
        "random": lambda: (project(*RANDOM, **noisy), random_rows()),
        "float32": lambda: (project(*RANDOM, **{**noisy, "precision": "float32"}), random_rows()),
        "stopped": lambda: (project(*STEPS, **stopped), _rows_of_steps()),
        "masked steps": lambda: (project(*STEPS, **stopped, accumulate=3), _rows_of_steps()),
        # In the first batch of a step, of which the last batch has fewer rows.
        "diverging": lambda: (project(*DIVERGING, **uneven), _diverging_rows()),
        "checkpointed": lambda: (
            project(*RANDOM, **noisy, gradient_checkpointing=True), random_rows(),
        ),
        "compiled": lambda: (plain_network(compile=True, accumulate=2), plain_rows()),
        "overflow": lambda: (plain_network(precision="16-mixed"), plain_rows()),
    }  # fmt: skip
    return cases[name]()


NAMES = (
    "losses", "accumulated", "controlled", "clipped", "uncertainty", "gradnorm",
    "without weights", "random", "float32", "stopped", "masked steps", "diverging",
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


def training_of(given: Project, rows: Rows, group: ProcessGroup = SINGLE_PROCESS) -> Training:
    """Return a training on the CPU that is ready to start, validated on some of its own rows."""
    recipe = check(given).recipe
    context = context_of(recipe.precision)
    net = network(given, recipe.seed)
    if recipe.sharded and group.size > 1:
        shard_network(net, context.device, group)
    context.setup_module(net)
    optimizer = build_optimizer(net, recipe)
    if not recipe.sharded:
        accelerate(net, optimizer, recipe)

    def loader(count: int) -> DataLoader:
        part = {key: {n: x[:count] for n, x in arrays.items()} for key, arrays in rows.items()}
        return DataLoader(
            **part, batch_size=recipe.batch_size, dtype=context.dtype, device=context.device,
            rank=group.rank, size=group.size,
        )  # fmt: skip

    data = loader(len(next(iter(rows["targets"].values())))), loader(2 * recipe.batch_size - 1)
    return Training(net, recipe, optimizer, *data, context, group=group)


def train(
    given: Project, rows: Rows, group: ProcessGroup = SINGLE_PROCESS, is_controlled: bool = False
) -> Trained:
    """Return the events and the final weights of a training."""
    training = training_of(given, rows, group)
    training.control = control_queue(group) if is_controlled else None
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


def train_case(name: str, group: ProcessGroup = SINGLE_PROCESS) -> Trained:
    """Return the events and the final weights of a case, one of `NAMES`."""
    return train(*_case(name), group, is_controlled=name == "controlled")

"""The training: its network, optimizer, data and state, and building its optimizer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from engine.check.report import score_names
from engine.recipe.loss_weighting import GradNorm
from engine.recipe.recipe import Recipe
from engine.recipe.schedule import ReduceLROnPlateau
from engine.runs.control.live_settings import Dials
from engine.runtime.acceleration.buffer_pool import Spare
from engine.runtime.acceleration.kernel_bindings import Kernels
from engine.runtime.acceleration.kernel_build import native
from engine.runtime.acceleration.options import FAST, Speed
from engine.runtime.acceleration.updates.sparse_gradients import row_weights
from engine.runtime.batches.augmentation_random import Draws
from engine.runtime.batches.data_loader import Batch, Feed
from engine.runtime.device import Place, make_place
from engine.runtime.loss_weighting.total_loss import Scores, heads_of
from engine.runtime.loss_weighting.uncertainty import Balancing, balancing
from engine.runtime.model.network import Network
from engine.runtime.optimizers.algorithms import Optimizer, make_optimizer
from engine.runtime.training.control import Live
from engine.runtime.training.epoch_metrics import Ledger
from engine.runtime.training.live_changes import dials_of, turn
from engine.runtime.training.progress import Progress


def never() -> str:
    """Return "": never stop."""
    return ""


@dataclass
class Training:
    """A training with its components and state.

    Args:
        network: network, trained in place.
        recipe: training settings.
        optimizer: optimizer of the network.
        train, validation: data loaders.
        device_context: where to compute.
        progress: current progress; updated in place.
        stop: called after each step; returns a reason to stop, or "" to continue.
        control: queue of control requests, None without.
        applied_requests: ids of the requests that changed settings.
        paused_seconds: time spent in pauses.
        rows_seen: training rows processed.
        loss_weighting: adapts the loss weights, None if they are fixed; built from the recipe.
    """

    network: Network
    recipe: Recipe
    optimizer: Optimizer[Any]
    train: Feed
    validation: Feed | None = None
    place: Place = field(default_factory=lambda: make_place("cpu", "float32"))
    progress: Progress = field(default_factory=Progress)
    stop: Callable[[], str] = never
    live: Live | None = None
    taken: list[str] = field(default_factory=list)
    idle: float = 0.0
    rows: int = 0
    balance: Balancing | None = None

    def __post_init__(self) -> None:
        self.ledger = Ledger(heads_of(self.network))
        self.draws = Draws(self.network, self.recipe.seed)
        if self.balance is None:
            self.balance = balancing(self.recipe, self.network, self.place)

    def state(self) -> dict[str, Any]:
        """Return the state to save besides weights and optimizer, as plain JSON."""
        return {
            "progress": self.progress.plain(),
            "ledger": self.ledger.state(),
            "place": self.place.state(),
            "dials": dials_of(self).plain(),
            "taken": list(self.taken),
            **({"balance": self.balance.state()} if self.balance else {}),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore what `state` returned."""
        self.ledger.restore(state["ledger"])
        self.place.load_state(state["place"])
        turn(self, Dials.read(state["dials"]))
        self.progress = Progress.read(state["progress"])  # last, since the settings change it
        self.taken = list(state["taken"])
        if self.balance is not None:
            self.balance.restore(state["balance"])

    def aim(self, scores: Scores, batch: Batch, parts: int = 1) -> Scores:
        """Return the losses with the total to train on, using adapted loss weights if there are.

        Args:
            scores: losses of a batch.
            batch: the batch.
            parts: number of batches that are accumulated into one step.
        """
        if self.balance is None:
            return scores
        return self.balance.aim(scores, heads_of(self.network), batch, parts)

    def move(self, rate: float) -> None:
        """Update the network's weights, and adapted loss weights, from their gradients."""
        self.place.step(self.optimizer, rate)
        self.optimizer.zero_grad()
        if self.balance is not None:
            self.balance.step(rate, self.recipe.optimizer.learning_rate)
        self.progress.updates += 1

    def score_names(self) -> list[str]:
        """Return the names of the scores that can be monitored."""
        return score_names({head.name: head for head in heads_of(self.network)})

    @property
    def planned_updates(self) -> int:
        """Number of weight updates if the run completes all epochs."""
        return self.recipe.epochs * math.ceil(len(self.train) / self.recipe.accumulate)


def optimizer_of(
    network: Network, recipe: Recipe, device_context: Place, speed: Speed = FAST
) -> Optimizer[Any]:
    """Return the optimizer of a network, and enable sparse gradients and kernels in the network.

    Args:
        network: the network, already on its device.
        recipe: training settings.
        device_context: where it is computed. Sparse gradients are used on a CPU only: a GPU fills
            a dense gradient faster than it finds the distinct rows of a sparse one.
        acceleration: which accelerations to use.
    """
    # GradNorm computes gradients by torch.autograd.grad, which needs dense ones.
    dense_only = device_context.device.type != "cpu" or isinstance(recipe.balance, GradNorm)
    rows = () if dense_only else tuple(row_weights(network.plan))
    parameters = dict(network.named_parameters())
    optimizer = make_optimizer(recipe.optimizer, parameters, network.together, speed, rows)
    network.by_rows = bool(optimizer.by_rows)
    use_kernels = speed.native and plain_floats(device_context)
    optimizer.native = native().library if use_kernels else None
    if optimizer.native is not None:
        # Buffers are reused after a backward pass; GradNorm needs one backward pass per loss.
        buffers = None if isinstance(recipe.balance, GradNorm) else Spare()
        network.native = Kernels(optimizer.native, buffers)
    return optimizer


def why_not(training: Training) -> str:
    """Return why the kernels aren't used although the device supports them, else ""."""
    is_unused = training.network.native is None and plain_floats(training.place)
    return native().why if is_unused else ""


def plain_floats(device_context: Place) -> bool:
    """Return whether the kernels support the device and dtype: CPU and float32."""
    return device_context.device.type == "cpu" and device_context.dtype == torch.float32


def learning_rate(training: Training) -> float:
    """Return the learning rate of the next update."""
    recipe, progress = training.recipe, training.progress
    base: float = recipe.optimizer.learning_rate
    if isinstance(recipe.schedule, ReduceLROnPlateau):
        return base * progress.plateau.factor
    planned = training.planned_updates
    scale: float = recipe.schedule.scale(progress.updates, progress.epoch - 1, planned)
    return base * scale

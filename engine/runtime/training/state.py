"""A training: all that it needs, where it stands, and what a resume has to know."""

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
from engine.runtime.acceleration.kernels.bindings import Kernels
from engine.runtime.acceleration.kernels.build import native
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
    """Return that nobody asked for the end."""
    return ""


@dataclass
class Training:
    """All that a training needs, and where it stands.

    Args:
        network: trained in place.
        recipe: how.
        optimizer: moves the network's parameters.
        train, validation: the rows.
        place: where to compute.
        progress: where to begin; moved along.
        stop: asked after each step; a reason, or "" to go on.
        live: what people ask of it while it runs, None if nobody can.
        taken: the ids of the requests that changed something.
        idle: seconds that it was paused.
        rows: training rows that were taken in.
        balance: finds the weights of losses, None if they stay as given; made after the recipe.
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
        """Return all that a resumed run has to know besides weights and optimizer, as JSON."""
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
        self.progress = Progress.read(state["progress"])  # as it was after the dials were turned
        self.taken = list(state["taken"])
        if self.balance is not None:
            self.balance.restore(state["balance"])

    def aim(self, scores: Scores, batch: Batch, parts: int = 1) -> Scores:
        """Return what is trained on: the scores, or the same losses with weights found by now.

        Args:
            scores: of a batch.
            batch: that batch.
            parts: batches that are averaged into one step.
        """
        if self.balance is None:
            return scores
        return self.balance.aim(scores, heads_of(self.network), batch, parts)

    def move(self, rate: float) -> None:
        """Move the network's weights along their gradients, and those of losses if they learn."""
        self.place.step(self.optimizer, rate)
        self.optimizer.zero_grad()
        if self.balance is not None:
            self.balance.step(rate, self.recipe.optimizer.learning_rate)
        self.progress.updates += 1

    def score_names(self) -> list[str]:
        """Return the names of the scores that a rule may watch."""
        return score_names({head.name: head for head in heads_of(self.network)})

    @property
    def planned_updates(self) -> int:
        """Times the weights will be moved, if the run goes to its end."""
        return self.recipe.epochs * math.ceil(len(self.train) / self.recipe.accumulate)


def optimizer_of(
    network: Network, recipe: Recipe, place: Place, speed: Speed = FAST
) -> Optimizer[Any]:
    """Return the optimizer of a network, and let the network tell it by rows what it can take so.

    Args:
        network: it lies where it computes.
        recipe: how to train.
        place: where; a GPU fills a dense gradient faster than it finds the rows of a sparse one.
        speed: which tricks to use.
    """
    # GradNorm measures gradients itself, and takes dense ones only.
    plain = place.device.type != "cpu" or isinstance(recipe.balance, GradNorm)
    rows = () if plain else tuple(row_weights(network.plan))
    parameters = dict(network.named_parameters())
    optimizer = make_optimizer(recipe.optimizer, parameters, network.together, speed, rows)
    network.by_rows = bool(optimizer.by_rows)
    optimizer.native = native().library if speed.native and plain_floats(place) else None
    if optimizer.native is not None:
        # GradNorm goes back once for each loss.
        spare = None if isinstance(recipe.balance, GradNorm) else Spare()
        network.native = Kernels(optimizer.native, spare)
    return optimizer


def why_not(training: Training) -> str:
    """Return why the native part is left out where it could compute, "" where it is used."""
    can = training.network.native is None and plain_floats(training.place)
    return native().why if can else ""


def plain_floats(place: Place) -> bool:
    """True where the native part computes: on the processor, in single precision."""
    return place.device.type == "cpu" and place.dtype == torch.float32


def learning_rate(training: Training) -> float:
    """Return the learning rate of the next update."""
    recipe, progress = training.recipe, training.progress
    base: float = recipe.optimizer.learning_rate
    if isinstance(recipe.schedule, ReduceLROnPlateau):
        return base * progress.plateau.factor
    planned = training.planned_updates
    scale: float = recipe.schedule.scale(progress.updates, progress.epoch - 1, planned)
    return base * scale

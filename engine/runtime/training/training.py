"""A training with its network, optimizer, data and state, and the creation of its optimizer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from torch import Tensor

from engine.check.report import score_names
from engine.recipe.early_stopping_rule import BestEpochRule, StoppingState
from engine.recipe.recipe import Recipe
from engine.recipe.schedule import ReduceLROnPlateau
from engine.runs.control.live_settings import LiveSettings
from engine.runtime.batches.augmentation_random import AugmentationRandom
from engine.runtime.batches.batch import Batch
from engine.runtime.batches.data_loader import DataLoader
from engine.runtime.device import DeviceContext, make_device_context
from engine.runtime.distributed.modules import BatchModules
from engine.runtime.distributed.process_group import SINGLE_PROCESS, ProcessGroup
from engine.runtime.loss_weighting.base import LossWeighting, Presence
from engine.runtime.loss_weighting.total_loss import BatchLosses, heads_of
from engine.runtime.loss_weighting.uncertainty import make_loss_weighting
from engine.runtime.model.network import Network
from engine.runtime.optimizers.algorithms import make_optimizer
from engine.runtime.optimizers.base import Optimizer
from engine.runtime.training.control import ControlQueue
from engine.runtime.training.epoch_metrics import EpochMetrics
from engine.runtime.training.progress import TrainingProgress


def never_stop() -> str:
    """Return "", which means that there is no reason to stop."""
    return ""


@dataclass
class Training:
    """A training with its components and state.

    Args:
        network: network, which is trained in place.
        stop: called after each step; returns a reason to stop, or "" to continue.
        control: queue of control requests, None if there are none.
        applied_requests: ids of the control requests that changed settings.
        paused_seconds: time during which this attempt was paused.
        loss_weighting: rule that adapts loss weights; if None, it is created from the recipe. It
            stays None if the recipe has fixed loss weights.
        native: whether native kernels are used.
        native_why: why they could not be used although they were wanted, else "".
        group: the ranks that train the network together.
        repeated: number of batches that are trained again, and are in `epoch_metrics` already.
        is_checkpoint_due: returns whether a checkpoint has to be saved after the given step.
        is_decision_due: whether a rank has to decide something after the step that was computed
            last. A single process looks after each step.
    """

    network: Network
    recipe: Recipe
    optimizer: Optimizer[Any]
    train: DataLoader
    validation: DataLoader | None = None
    device_context: DeviceContext = field(
        default_factory=lambda: make_device_context("cpu", "float32")
    )
    progress: TrainingProgress = field(default_factory=TrainingProgress)
    stop: Callable[[], str] = never_stop
    control: ControlQueue | None = None
    applied_requests: list[str] = field(default_factory=list)
    paused_seconds: float = 0.0
    rows_seen: int = 0
    loss_weighting: LossWeighting | None = None
    native: bool = False
    native_why: str = ""
    group: ProcessGroup = SINGLE_PROCESS
    repeated: int = 0
    is_checkpoint_due: Callable[[int], bool] = lambda _: False
    is_decision_due: bool = True

    def __post_init__(self) -> None:
        network, recipe = self.network, self.recipe
        self.epoch_metrics = EpochMetrics(heads_of(network))
        self.augmentation_random = AugmentationRandom(network, recipe.seed)
        self._batch_modules = BatchModules(network, self.group)
        if self.loss_weighting is None:
            self.loss_weighting = make_loss_weighting(recipe, network, self.device_context)

    @property
    def is_sharded(self) -> bool:
        """Whether weights, gradients and the optimizer's state are divided among the ranks."""
        return self.recipe.sharded and self.group.size > 1

    def state_dict(self) -> dict[str, Any]:
        """Return the state without weights and optimizer, as plain JSON for a checkpoint."""
        return {
            "progress": asdict(self.progress),
            "ledger": self.epoch_metrics.state_dict(),
            "place": self.device_context.state_dict(),
            "dials": self.live_settings().to_dict(),
            "taken": list(self.applied_requests),
            **({"balance": self.loss_weighting.state_dict()} if self.loss_weighting else {}),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load a state that `state_dict` returned."""
        self.epoch_metrics.load_state_dict(state["ledger"])
        self.device_context.load_state_dict(state["place"])
        self.apply_live_settings(LiveSettings.from_dict(state["dials"]))
        # After the live settings, which change the progress.
        self.progress = TrainingProgress.from_dict(state["progress"])
        self.applied_requests = list(state["taken"])
        if self.loss_weighting is not None:
            self.loss_weighting.load_state_dict(state["balance"])

    def weight_losses(self, batch_losses: BatchLosses, present: Presence) -> BatchLosses:
        """Return the losses of a batch; if `loss_weighting` is set, with the total of this rule."""
        if self.loss_weighting is None:
            return batch_losses
        return self.loss_weighting.weight_losses(batch_losses, heads_of(self.network), present)

    @contextmanager
    def random_numbers(self, epoch: int, batch: Batch) -> Iterator[None]:
        """Within the context, let random layers draw the numbers that belong to a batch."""
        self._batch_modules.set_batch(batch)
        with self.augmentation_random.for_rows(epoch, batch.row_indices):
            yield

    def gradients(self) -> list[Tensor]:
        """Return all gradients of the step that have to be summed over the ranks.

        The gradient of an embedding table may be dense if a rank has many rows, but ranks can add
        up only gradients of the same form.
        """
        for name in self.optimizer.lazy_rows if self.group.size > 1 else ():
            table = self.optimizer.parameters[name]
            if table.grad is not None and not table.grad.is_sparse:
                table.grad = table.grad.to_sparse(1)
        # FSDP2 has summed those of sharded weights.
        parameters = () if self.is_sharded else self.network.parameters()
        gradients = [p.grad for p in parameters if p.grad is not None]
        return gradients + (self.loss_weighting.gradient_sums if self.loss_weighting else [])

    def has_decision(self, step: int) -> bool:
        """Return whether this process has to decide something after the given step."""
        has_request = self.control is not None and self.control.has_requests(step)
        return has_request or bool(self.stop()) or self.is_checkpoint_due(step)

    def stop_reason(self) -> str:
        """Return why the training has to stop after this step, or ""; a signal reaches any rank."""
        return next(filter(None, self.group.gather(self.stop())), "")

    def update_weights(self, rate: float) -> None:
        """Update the network's weights and learned loss weights; `rate` is the learning rate."""
        self.device_context.step(self.optimizer, rate)
        self.optimizer.zero_grad()
        if self.loss_weighting is not None:
            self.loss_weighting.step(rate, self.recipe.optimizer.learning_rate)
        self.progress.updates += 1

    def live_settings(self) -> LiveSettings:
        """Return the values that the live settings have now."""
        heads = heads_of(self.network)
        weights = {head.name: head.loss_weight for head in heads if head.loss is not None}
        return LiveSettings(self.recipe.optimizer.learning_rate, weights, self.recipe.stopping)

    def apply_live_settings(self, settings: LiveSettings) -> bool:
        """Apply live settings between two steps; unchanged settings have no effect.

        Returns:
            True if the best epoch was reset because its score can't be compared with later scores.
        """
        current, recipe, progress = self.live_settings(), self.recipe, self.progress
        best = progress.best
        if settings.loss_weights != current.loss_weights:
            self.network.set_loss_weights(settings.loss_weights)
            self.epoch_metrics.set_loss_weights(heads_of(self.network))
            # Total losses before and after the change can't be compared.
            progress.mixed = progress.batch > 0
            progress.stopping = _reset_if_total(progress.stopping, recipe.stopping)
            progress.best = _reset_if_total(progress.best, recipe.best_epoch_rule)
        if settings.learning_rate != current.learning_rate:
            changes = {"learning_rate": settings.learning_rate}
            optimizer = recipe.optimizer.model_copy(update=changes)
            recipe = recipe.model_copy(update={"optimizer": optimizer})
        if settings.stopping != current.stopping:
            changed = recipe.model_copy(update={"stopping": settings.stopping})
            old, new = recipe.stopping, changed.stopping
            progress.stopping = _reset_if_changed(progress.stopping, old, new)
            rule = recipe.best_epoch_rule
            progress.best = _reset_if_changed(progress.best, rule, changed.best_epoch_rule)
            recipe = changed
        self.recipe = recipe
        return progress.best != best

    def score_names(self) -> list[str]:
        """Return the names of the scores that can be monitored."""
        return score_names({head.name: head for head in heads_of(self.network)})

    @property
    def clock(self) -> float:
        """The time of a clock in seconds that stands still during pauses."""
        return time.monotonic() - self.paused_seconds

    @property
    def planned_updates(self) -> int:
        """The number of weight updates if the run completes all epochs."""
        return self.recipe.epochs * math.ceil(len(self.train) / self.recipe.accumulate)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next update."""
        recipe, progress = self.recipe, self.progress
        base: float = recipe.optimizer.learning_rate
        if isinstance(recipe.schedule, ReduceLROnPlateau):
            return base * progress.plateau.factor
        planned = self.planned_updates
        scale: float = recipe.schedule.scale(progress.updates, progress.epoch - 1, planned)
        return base * scale


def build_optimizer(network: Network, recipe: Recipe) -> Optimizer[Any]:
    """Return a new optimizer for a network that has already been moved to its device."""
    parameters = dict(network.named_parameters())
    return make_optimizer(recipe.optimizer, parameters, network.split_parameters)


def _reset_if_changed(
    state: StoppingState, old: BestEpochRule | None, new: BestEpochRule | None
) -> StoppingState:
    """Return the initial state if the rule `new` monitors other scores than `old`, else `state`."""
    if new is None:
        return state
    is_same = old is not None and (old.monitors, old.combine) == (new.monitors, new.combine)
    return state if is_same else StoppingState()


def _reset_if_total(state: StoppingState, rule: BestEpochRule | None) -> StoppingState:
    """Return the initial state if the rule monitors the total loss, else `state`."""
    uses_total = rule is not None and any(monitor.name == "loss" for monitor in rule.monitors)
    return StoppingState() if uses_total else state

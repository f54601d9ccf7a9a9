"""Live settings of a training: reading their values, applying changes between two steps."""

from __future__ import annotations

from typing import Protocol

from engine.recipe.early_stopping_rule import BestEpochRule, StoppingState
from engine.recipe.recipe import Recipe
from engine.runs.control.live_settings import LiveSettings
from engine.runtime.loss_weighting.total_loss import heads_of
from engine.runtime.model.network import Network
from engine.runtime.training.epoch_metrics import EpochMetrics
from engine.runtime.training.progress import TrainingProgress


class AdjustableTraining(Protocol):
    """The interface of a training whose settings can be changed between two steps."""

    network: Network
    recipe: Recipe
    progress: TrainingProgress
    epoch_metrics: EpochMetrics


def live_settings(training: AdjustableTraining) -> LiveSettings:
    """Return the values that the live settings of a training have now."""
    recipe = training.recipe
    heads = heads_of(training.network)
    weights = {head.name: head.loss_weight for head in heads if head.loss is not None}
    return LiveSettings(recipe.optimizer.learning_rate, weights, recipe.stopping)


def apply_live_settings(training: AdjustableTraining, settings: LiveSettings) -> bool:
    """Apply live settings to a training; unchanged settings have no effect.

    Returns:
        True if the best epoch was reset because its score can't be compared with later scores.
    """
    current, recipe, progress = live_settings(training), training.recipe, training.progress
    best = progress.best
    if settings.loss_weights != current.loss_weights:
        training.network.set_loss_weights(settings.loss_weights)
        training.epoch_metrics.set_loss_weights(heads_of(training.network))
        # Total losses before and after the change can't be compared.
        progress.mixed = progress.batch > 0
        progress.stopping = _reset_if_total(progress.stopping, recipe.stopping)
        progress.best = _reset_if_total(progress.best, recipe.best_epoch_rule)
    if settings.learning_rate != current.learning_rate:
        optimizer = recipe.optimizer.model_copy(update={"learning_rate": settings.learning_rate})
        recipe = recipe.model_copy(update={"optimizer": optimizer})
    if settings.stopping != current.stopping:
        changed = recipe.model_copy(update={"stopping": settings.stopping})
        progress.stopping = _reset_if_changed(progress.stopping, recipe.stopping, changed.stopping)
        rule = recipe.best_epoch_rule
        progress.best = _reset_if_changed(progress.best, rule, changed.best_epoch_rule)
        recipe = changed
    training.recipe = recipe
    return progress.best != best


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

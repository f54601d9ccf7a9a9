"""Where the dials of a training stand, and how they are turned between two steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.recipe.early_stopping import Standing, Watch
from engine.runs.control.live_settings import Dials
from engine.runtime.loss_weighting.total_loss import heads_of

if TYPE_CHECKING:
    from engine.runtime.training.loop import Training


def dials_of(training: Training) -> Dials:
    """Return where the dials stand."""
    recipe = training.recipe
    weights = {
        head.name: head.loss_weight for head in heads_of(training.network) if head.loss is not None
    }
    return Dials(recipe.optimizer.learning_rate, weights, recipe.stopping)


def turn(training: Training, dials: Dials) -> bool:
    """Train on with other values; what has not changed is left as it is.

    Returns:
        Whether the best epoch that was known is forgotten, and one is looked for anew.
    """
    now, recipe, progress = dials_of(training), training.recipe, training.progress
    best = progress.best
    if dials.loss_weights != now.loss_weights:
        training.network.weigh_losses(dials.loss_weights)
        training.ledger.weigh(heads_of(training.network))
        # Totals of other weights can't be compared: a heavier loss would look like a worse epoch.
        progress.mixed = progress.batch > 0
        progress.stopping = _without_total(progress.stopping, recipe.stopping)
        progress.best = _without_total(progress.best, recipe.best_rule)
    if dials.learning_rate != now.learning_rate:
        optimizer = recipe.optimizer.model_copy(update={"learning_rate": dials.learning_rate})
        recipe = recipe.model_copy(update={"optimizer": optimizer})
    if dials.stopping != now.stopping:
        changed = recipe.model_copy(update={"stopping": dials.stopping})
        progress.stopping = _kept(progress.stopping, recipe.stopping, changed.stopping)
        progress.best = _kept(progress.best, recipe.best_rule, changed.best_rule)
        recipe = changed
    training.recipe = recipe
    return progress.best != best


def _kept(standing: Standing, before: Watch | None, after: Watch | None) -> Standing:
    """Return what a rule goes on remembering: all of it, as long as it watches the same."""
    if after is None or (before is not None and _watches(before) == _watches(after)):
        return standing
    # Without a rule there was no record; with other scores the old one says nothing.
    return Standing()


def _without_total(standing: Standing, rule: Watch | None) -> Standing:
    """Return what a rule remembers once the total is another sum: nothing, if it goes by that."""
    counts = rule is not None and any(one.name == "loss" for one in rule.monitors)
    return Standing() if counts else standing


def _watches(rule: Watch) -> tuple[object, ...]:
    return rule.monitors, rule.combine

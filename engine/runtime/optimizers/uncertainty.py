"""Weights of losses that find themselves, as a recipe asks for them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.objectives.head import Head
from engine.recipe.loss_weighting import Balance, GradNorm, Uncertainty
from engine.recipe.optimizer import Optimizer as Schema
from engine.recipe.recipe import Recipe
from engine.runtime.batches.data_loader import Batch
from engine.runtime.device import Place
from engine.runtime.model.network import Network
from engine.runtime.model.total_loss import Scores, heads_of
from engine.runtime.optimizers.algorithms.gradnorm import Normed, shared_weights
from engine.runtime.optimizers.algorithms.loss_weighting import Balancing, aimed, present

__all__ = ["Balancing", "balancing"]

# A decay would pull every variance towards 1, and clipping is for the network's gradients.
UNCLIPPED = {"weight_decay": None, "clipnorm": None, "clipvalue": None, "global_clipnorm": None}


class Uncertain(Balancing):
    """Uncertainty weighting: each number is the logarithm of a variance."""

    def __init__(
        self, told: Uncertainty, schema: Schema, heads: Sequence[Head], place: Place
    ) -> None:
        names = [head.name for head in heads]
        super().__init__(names, told.start, schema.model_copy(update=UNCLIPPED), place)
        self.learning_rate = told.learning_rate

    def factor(self, head: Head) -> Tensor:
        """Return exp(-s), halved for a number."""
        return torch.exp(-self.values[head.name]) * (0.5 if head.form == "number" else 1.0)

    def aim(self, scores: Scores, heads: Sequence[Head], batch: Batch, parts: int) -> Scores:
        """Weigh the losses, and add half of each logarithm."""
        weights = self.weights(heads)
        terms, added, gradients = [], {}, {}
        for head in heads:
            if head.name not in scores.losses or not head.loss_weight:
                continue
            loss, here = scores.losses[head.name], present(batch, head.name)
            terms.append(weights[head.name] * loss)
            half = 0.5 * head.loss_weight * here
            added[f"{head.name}/uncertainty"] = half * self.values[head.name]
            gradients[head.name] = half - here * weights[head.name] * loss.detach()
        self._take(gradients, parts)
        return aimed(scores, terms, added, weights)


def balancing(recipe: Recipe, network: Network, place: Place) -> Balancing | None:
    """Return what a recipe asks for, None if the weights of losses stay as they are."""
    told: Balance | None = recipe.balance
    heads = [head for head in heads_of(network) if head.loss is not None]
    if isinstance(told, Uncertainty):
        return Uncertain(told, recipe.optimizer, heads, place)
    if isinstance(told, GradNorm):
        trained = [head.name for head in heads if head.trained]
        return Normed(told, heads, place, shared_weights(network, told.layer, trained))
    return None

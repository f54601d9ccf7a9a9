"""Uncertainty weighting of losses, and creation of the loss weighting rule that a recipe sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor

from engine.objectives.head import Head
from engine.recipe.loss_weighting import GradNorm, LossWeightingSettings, Uncertainty
from engine.recipe.optimizer import Optimizer as Schema
from engine.recipe.recipe import Recipe
from engine.runtime.device import DeviceContext
from engine.runtime.loss_weighting.base import LossWeighting, Presence, trained_heads
from engine.runtime.loss_weighting.gradnorm import GradNormWeights, shared_weights
from engine.runtime.loss_weighting.total_loss import heads_of
from engine.runtime.model.network import Network


class UncertaintyWeights(LossWeighting):
    """Uncertainty weighting: the value s of an output is the log variance of its errors.

    For an output with loss L and `loss_weight` w, the weighted loss is w exp(-s) L, halved for
    regression. The output adds its weighted loss and w s / 2 to the total loss. So the gradient of
    s is w / 2 minus the weighted loss.

    Source: Kendall, Gal and Cipolla 2018, arXiv:1705.07115.
    """

    def __init__(
        self,
        settings: Uncertainty,
        schema: Schema,
        heads: Sequence[Head],
        device_context: DeviceContext,
    ) -> None:
        names = [head.name for head in heads]
        # Weight decay would pull each variance toward 1; clipping is meant for network gradients.
        unused = dict.fromkeys(("weight_decay", "clipnorm", "clipvalue", "global_clipnorm"))
        unclipped = schema.model_copy(update=unused)
        super().__init__(names, settings.start, unclipped, device_context)
        self.learning_rate = settings.learning_rate

    def factor(self, head: Head) -> Tensor:
        """Return an output's loss factor: exp(-s) of its log variance s, halved for regression."""
        return torch.exp(-self.values[head.name]) * (0.5 if head.target_form == "number" else 1.0)

    def penalties(self, heads: Iterable[Head], present: Presence) -> dict[str, Tensor]:
        """Return w s / 2 for each output that has targets, else 0."""
        return {
            f"{head.name}/uncertainty": 0.5
            * head.loss_weight
            * present[head.name]
            * self.values[head.name]
            for head in heads
        }

    def set_gradients(
        self, losses: Mapping[str, Tensor], heads: Sequence[Head], present: Presence
    ) -> None:
        """Set the gradient of each output's log variance, which is in `self.values`."""
        weights = self.loss_weights(heads)
        for head in trained_heads(heads, losses):
            name, value = head.name, self.values[head.name]
            gradient = 0.5 * head.loss_weight - weights[name] * losses[name].detach()
            value.grad = (present[name] * gradient).to(value)


def make_loss_weighting(
    recipe: Recipe, network: Network, device_context: DeviceContext
) -> LossWeighting | None:
    """Return the loss weighting rule that a recipe sets; None for fixed loss weights."""
    settings: LossWeightingSettings | None = recipe.balance
    heads = [head for head in heads_of(network) if head.loss is not None]
    if isinstance(settings, Uncertainty):
        return UncertaintyWeights(settings, recipe.optimizer, heads, device_context)
    if isinstance(settings, GradNorm):
        trained = [head.name for head in heads if head.is_trained]
        shared = shared_weights(network, settings.layer, trained)
        return GradNormWeights(settings, heads, device_context, shared)
    return None

"""GradNorm loss weighting: balances the gradients of the outputs' losses in the shared layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from engine.check.loss_weighting import shared_weight_owners
from engine.objectives.head import Head
from engine.recipe.loss_weighting import GradNorm
from engine.recipe.optimizer import Adam
from engine.runtime.device import DeviceContext
from engine.runtime.loss_weighting.base import LossWeighting, Presence, trained_heads
from engine.runtime.model.network import Network

MIN_FACTOR = 1e-4  # smallest factor: a factor of 0 could never grow again
EPSILON = 1e-12


class GradNormWeights(LossWeighting):
    """The GradNorm rule: trains one factor per output, by which the loss of the output is weighted.

    The factors sum to the number of outputs. Let G_i be the gradient norm of the weighted loss i on
    the shared weights. Let r_i be the relative training rate: loss i as a fraction of its initial
    value, divided by the mean of these fractions of all outputs. Each factor is trained to minimize
    |G_i - mean(G) r_i^alpha|. So outputs that learn slowly get larger gradients.

    Args:
        shared: weights for which gradient norms are computed.

    Source: Chen and others 2018, arXiv:1711.02257.
    """

    def __init__(
        self,
        settings: GradNorm,
        heads: Sequence[Head],
        device_context: DeviceContext,
        shared: Sequence[Tensor],
    ) -> None:
        super().__init__([head.name for head in heads], 1.0, Adam(), device_context)
        self.learning_rate = settings.learning_rate
        self._alpha = settings.alpha
        self._shared = list(shared)
        self._gradient_sums: dict[str, list[Tensor]] = {}  # of this step, by output
        self.initial_losses: dict[str, float] = {}

    def factor(self, head: Head) -> Tensor:
        """Return the current factor of a head's loss."""
        return self.values[head.name]

    def prepare(self, losses: Mapping[str, Tensor], heads: Sequence[Head]) -> None:
        """Add the gradients of the losses with respect to the weights that the outputs share."""
        shared = self._shared
        for head in trained_heads(heads, losses):
            loss = losses[head.name]
            parts = torch.autograd.grad(loss, shared, retain_graph=True, allow_unused=True)
            sums = self._gradient_sums.setdefault(head.name, list(map(torch.zeros_like, shared)))
            for total, part in zip(sums, parts, strict=True):
                if part is not None:
                    total += part

    @property
    def gradient_sums(self) -> list[Tensor]:
        """The gradients on the shared weights, of each output in this step."""
        return [part for parts in self._gradient_sums.values() for part in parts]

    def set_gradients(
        self, losses: Mapping[str, Tensor], heads: Sequence[Head], present: Presence
    ) -> None:
        """Set, for each factor, the gradient of |G_i - c_i|.

        G_i is the gradient norm of the weighted loss i on the shared weights. The target norm c_i =
        mean(G) r_i^alpha is treated as a constant; r_i is the relative training rate of output i.
        """
        summed, self._gradient_sums = self._gradient_sums, {}
        trained = trained_heads(heads, losses)
        if not (names := [head.name for head in trained if present[head.name] > 0]):
            return
        norms = torch.stack([_norm(summed[name], losses[name]) for name in names])
        step_losses = torch.stack([losses[name].detach() for name in names])
        for name, loss in zip(names, step_losses, strict=True):
            if name not in self.initial_losses:
                self.initial_losses[name] = max(loss.item(), EPSILON)
        loss_ratios = step_losses / norms.new_tensor([self.initial_losses[name] for name in names])
        relative_rates = loss_ratios / loss_ratios.mean().clamp_min(EPSILON)
        weighted_norms = norms * torch.stack([self.values[name] for name in names]).to(norms)
        target_norms = weighted_norms.mean() * relative_rates**self._alpha
        gradients = torch.sign(weighted_norms - target_norms) * norms
        for name, gradient in zip(names, gradients, strict=True):
            self.values[name].grad = gradient.to(self.values[name])

    def step(self, rate: float, base_rate: float) -> None:
        """Train the loss factors by `LossWeighting.step`; scale their sum to the output count."""
        super().step(rate, base_rate)
        for value in self.values.values():
            value.clamp_(min=MIN_FACTOR)
        total = torch.stack(list(self.values.values())).sum()
        for value in self.values.values():
            value.mul_(len(self.values) / total)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the base class, and the initial losses."""
        return {**super().state_dict(), "first": dict(self.initial_losses)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load a state that `state_dict` returned."""
        super().load_state_dict(state)
        self.initial_losses = dict(state["first"])


def _norm(gradients: Sequence[Tensor], loss: Tensor) -> Tensor:
    """Return the norm of gradients of several weights; 0 if the loss depends on none of them."""
    if not gradients:
        return loss.detach() * 0
    norms = torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients])
    norm: Tensor = torch.linalg.vector_norm(norms)
    return norm


def shared_weights(network: Network, layer: str | None, outputs: Sequence[str]) -> list[Tensor]:
    """Return the trainable weights of `layer`, or of the last layer that all outputs share.

    Args:
        layer: node name of a layer; None selects the last layer with weights on which all `outputs`
            depend. If there is no such layer, the result is [].
        outputs: names of the outputs; unused if `layer` is given.
    """
    plan = network.plan
    modules = dict(network.named_modules())
    weights: dict[str, list[Tensor]] = {}
    for step in plan.steps:
        module = modules.get(plan.attributes[step.owner])
        parameters = [] if module is None else list(module.parameters())
        weights[step.owner] = [p for p in parameters if p.requires_grad]
    if layer is not None:
        return weights[layer]
    owners = {step.node: step.owner for step in plan.steps if weights[step.owner]}
    nodes = {  # by each variable that the node computes
        var: step.node
        for step in plan.steps
        for var in (*step.outputs.values(), step.pre_activation)
        if var is not None
    }
    sources = {s.node: [nodes[var] for var in s.inputs if var in nodes] for s in plan.steps}
    heads = (planned for planned in plan.heads if planned.head.name in outputs)
    ends = [nodes[planned.variable] for planned in heads if planned.variable in nodes]
    shared = shared_weight_owners(list(sources), sources.__getitem__, owners, ends)
    return weights[shared[0]] if shared else []

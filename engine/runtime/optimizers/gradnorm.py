"""GradNorm: factors of losses that let every output pull at the shared layers about equally."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from engine.check.loss_weighting import last_shared
from engine.compile.plan import Plan
from engine.objectives.head import Head
from engine.recipe.loss_weighting import GradNorm
from engine.recipe.optimizer import Adam
from engine.runtime.batches.data_loader import Batch
from engine.runtime.device import Place
from engine.runtime.model.network import Network
from engine.runtime.model.total_loss import Scores
from engine.runtime.optimizers.loss_weighting import Balancing, aimed, present

LEAST = 1e-4  # of a factor: one of 0 would never come back
EPSILON = 1e-12


class Normed(Balancing):
    """GradNorm: each number is a factor, and they sum to the number of outputs.

    Args:
        shared: the weights on which gradients are measured.
    """

    def __init__(
        self, told: GradNorm, heads: Sequence[Head], place: Place, shared: Sequence[Tensor]
    ) -> None:
        super().__init__([head.name for head in heads], 1.0, Adam(), place)
        self.learning_rate = told.learning_rate
        self._alpha = told.alpha
        self._shared = list(shared)
        self.first: dict[str, float] = {}

    def factor(self, head: Head) -> Tensor:
        """Return the factor as it stands."""
        return self.values[head.name]

    def aim(self, scores: Scores, heads: Sequence[Head], batch: Batch, parts: int) -> Scores:
        """Weigh the losses, and compare how strongly each pulls at the shared weights."""
        weights = self.weights(heads)
        names = [head.name for head in heads if head.loss_weight and head.name in scores.losses]
        here = [name for name in names if present(batch, name) > 0]
        if here:
            self._take(self._gradients(scores, here), parts)
        return aimed(scores, [weights[name] * scores.losses[name] for name in names], {}, weights)

    def _gradients(self, scores: Scores, names: Sequence[str]) -> dict[str, Tensor]:
        losses = torch.stack([scores.losses[name].detach() for name in names])
        pulls = torch.stack([self._pull(scores.losses[name]) for name in names])
        for name, loss in zip(names, losses, strict=True):
            if name not in self.first:
                self.first[name] = max(loss.item(), EPSILON)
        learned = losses / losses.new_tensor([self.first[name] for name in names])
        behind = learned / learned.mean().clamp_min(EPSILON)
        lengths = pulls * torch.stack([self.values[name] for name in names]).to(pulls)
        wanted = lengths.mean() * behind**self._alpha
        found = torch.sign(lengths - wanted) * pulls
        return dict(zip(names, found, strict=True))

    def _pull(self, loss: Tensor) -> Tensor:
        """Return the length of a loss' gradient on the shared weights."""
        parts = torch.autograd.grad(loss, self._shared, retain_graph=True, allow_unused=True)
        lengths = [torch.linalg.vector_norm(part) for part in parts if part is not None]
        return torch.linalg.vector_norm(torch.stack(lengths)) if lengths else loss.detach() * 0

    def step(self, rate: float, base: float) -> None:
        """Move the factors, and let them sum to what they did."""
        super().step(rate, base)
        for value in self.values.values():
            value.clamp_(min=LEAST)
        whole = torch.stack(list(self.values.values())).sum()
        for value in self.values.values():
            value.mul_(len(self.values) / whole)

    def state(self) -> dict[str, Any]:
        """Return what all balancings do, and the first losses."""
        return {**super().state(), "first": dict(self.first)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore what `state` returned."""
        super().restore(state)
        self.first = dict(state["first"])


def shared_weights(network: Network, layer: str | None, ends: Sequence[str]) -> list[Tensor]:
    """Return the weights of a layer, or of the last one that all ends depend on."""
    plan = network.plan
    held = {step.owner: list(_weights(network, plan.attributes[step.owner])) for step in plan.steps}
    if layer is not None:
        return held[layer]
    order = [step.node for step in plan.steps]
    owners = {step.node: step.owner for step in plan.steps if held[step.owner]}
    found = last_shared(order, _sources(plan), owners, _ends(plan, ends))
    return held[found[0]] if found else []


def _weights(network: Network, attribute: str) -> Iterable[Tensor]:
    module = dict(network.named_modules()).get(attribute)
    return [] if module is None else [p for p in module.parameters() if p.requires_grad]


def _made_by(plan: Plan) -> dict[str, str]:
    """Return by variable the node that makes it."""
    made = {var: step.node for step in plan.steps for var in step.outs.values()}
    return {**made, **{step.raw: step.node for step in plan.steps if step.raw}}


def _sources(plan: Plan) -> Callable[[str], list[str]]:
    made = _made_by(plan)
    fed = {
        step.node: [made[var] for var in step.inputs if var is not None and var in made]
        for step in plan.steps
    }
    return lambda node: fed[node]


def _ends(plan: Plan, outputs: Sequence[str]) -> list[str]:
    made = _made_by(plan)
    return [
        made[planned.var]
        for planned in plan.heads
        if planned.head.name in outputs and planned.var in made
    ]

"""Numbers that find themselves while a network is trained: one for the loss of each output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from engine.objectives.head import Head
from engine.recipe.optimizer import Optimizer as Schema
from engine.runtime.batches.data_loader import Batch
from engine.runtime.device import Place
from engine.runtime.model.total_loss import Scores
from engine.runtime.optimizers.algorithms.algorithms import make_optimizer


class Balancing:
    """Base: one number for each output, moved by an optimizer of its own.

    Its gradients are worked out from losses that are numbers already, so that nothing that scales
    or clips those of the network reaches them.

    Args:
        names: the outputs with a loss.
        start: what each number is at first.
        schema: of the optimizer.
        place: where the network computes.
    """

    learning_rate: float | None = None  # before the schedule; None is the network's

    def __init__(self, names: Sequence[str], start: float, schema: Schema, place: Place) -> None:
        where: dict[str, Any] = {"dtype": place.dtype, "device": place.device}
        self.values = {name: torch.tensor(start, **where) for name in names}
        self.optimizer = make_optimizer(schema, self.values)

    def aim(self, scores: Scores, heads: Sequence[Head], batch: Batch, parts: int) -> Scores:
        """Return what is trained in place of the plain total, and take the numbers' gradients in.

        Args:
            scores: of the batch, with their graph.
            heads: with the weights that count now.
            batch: what was scored; an output without a target in it is left alone.
            parts: batches that are averaged into one step.
        """
        raise NotImplementedError(type(self).__name__)

    def weights(self, heads: Iterable[Head]) -> dict[str, Tensor]:
        """Return by how much each output's loss is multiplied in all."""
        return {
            head.name: head.loss_weight * self.factor(head)
            for head in heads
            if head.name in self.values
        }

    def factor(self, head: Head) -> Tensor:
        """Return by how much a loss is multiplied besides its own weight."""
        raise NotImplementedError(type(self).__name__)

    def step(self, rate: float, base: float) -> None:
        """Move the numbers.

        Args:
            rate: the learning rate of the network.
            base: the same before the schedule.
        """
        own = self.learning_rate
        self.optimizer.step(rate if own is None else own * rate / base)
        self.optimizer.zero_grad()

    def _take(self, gradients: Mapping[str, Tensor], parts: int) -> None:
        for name, gradient in gradients.items():
            value = self.values[name]
            part = gradient.detach().to(value) / parts
            value.grad = part if value.grad is None else value.grad + part

    def state(self) -> dict[str, Any]:
        """Return all that a resume has to know, as plain JSON."""
        held = {name: value.grad for name, value in self.values.items() if value.grad is not None}
        return {
            "values": {name: value.item() for name, value in self.values.items()},
            "gradients": {name: gradient.item() for name, gradient in held.items()},
            "memory": {name: each.tolist() for name, each in self.optimizer.state_dict().items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` answered.

        Raises:
            ValueError: if it is the state of another balancing.
        """
        if state["values"].keys() != self.values.keys():
            raise ValueError("the balance of other outputs")
        own = self.optimizer.state_dict()
        memory = {
            name: torch.tensor(state["memory"][name], dtype=each.dtype, device=each.device)
            for name, each in own.items()
        }
        self.optimizer.load_state_dict(memory)
        for name, value in self.values.items():
            value.fill_(state["values"][name])
            gradient = state["gradients"].get(name)
            value.grad = None if gradient is None else torch.full_like(value, gradient)


def present(batch: Batch, name: str) -> Tensor | float:
    """Return 1 if a batch has a target of an output that counts, else 0."""
    counts = [kept != 0 for kept in (batch.masks.get(name), batch.weights.get(name))
              if kept is not None]  # fmt: skip
    found: Tensor | float = 1.0
    for each in counts:
        found = found * each.any().to(torch.float32)
    return found


def aimed(
    scores: Scores, terms: list[Tensor], added: dict[str, Tensor], weights: dict[str, Tensor]
) -> Scores:
    """Return what is trained: losses as they were weighed, penalties, and what was added."""
    penalties = {**scores.penalties, **added}
    total = torch.stack([*terms, *penalties.values()]).sum()
    return replace(scores, total=total, penalties=penalties, weights=weights)

"""The number that training makes small: weight times loss of every head, plus penalties."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.objectives.head import Head
from engine.runtime.batches.data_loader import Batch
from engine.runtime.model.losses import loss_value
from engine.runtime.model.network import Network, Raw


@dataclass(frozen=True)
class Scores:
    """What one batch was worth.

    Args:
        total: sum of weight times loss over the heads, plus all penalties; a scalar tensor.
        losses: by output, its loss without the weight.
        penalties: by node and weight ("hidden/kernel"), or node and "activity", what a regulariser
            adds to the total.
        raw: the forward pass it came from.
        weights: by output, what its loss was multiplied by, where that changes while training.
    """

    total: Tensor
    losses: dict[str, Tensor]
    penalties: dict[str, Tensor]
    raw: Raw
    weights: dict[str, Tensor] = field(default_factory=dict)


def heads_of(network: Network) -> list[Head]:
    """Return the heads of a network, in drawing order."""
    return [planned.head for planned in network.plan.heads]


def score(network: Network, batch: Batch) -> Scores:
    """Run a batch forward and add its losses up.

    Raises:
        ValueError: if a target has another shape than its head asks for.
    """
    raw = network.raw(batch.inputs)
    losses: dict[str, Tensor] = {}
    terms: list[Tensor] = []
    for head in heads_of(network):
        if head.loss is None or head.name not in batch.targets:
            continue
        loss = loss_value(
            head,
            raw.heads[head.name],
            batch.targets[head.name],
            raw.masks.get(head.name),
            batch.weights.get(head.name),
            batch.masks.get(head.name),
        )
        losses[head.name] = loss
        if head.loss_weight:
            terms.append(loss * head.loss_weight)
    penalties = network.penalties()
    penalties |= {f"{node}/activity": term for node, term in raw.penalties.items()}
    total = torch.stack([*terms, *penalties.values()]).sum()
    return Scores(total, losses, penalties, raw)

"""The total loss of a batch: weighted losses of all heads plus regularization penalties."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.objectives.head import Head
from engine.runtime.batches.data_loader import Batch
from engine.runtime.model.losses import loss_value
from engine.runtime.model.network import ForwardOutput, Network


@dataclass(frozen=True)
class BatchLosses:
    """The losses of a batch, as scalar tensors.

    Args:
        total: weighted sum of the losses, plus all penalties.
        losses: unweighted losses by output name.
        penalties: penalties by name: "NODE/WEIGHT" or "NODE/activity" for regularizers,
            "OUTPUT/uncertainty" for uncertainty weighting.
        forward_output: result of the forward pass.
        weights: loss weights that a rule adapts, by output name; empty for fixed loss weights.
    """

    total: Tensor
    losses: dict[str, Tensor]
    penalties: dict[str, Tensor]
    forward_output: ForwardOutput
    weights: dict[str, Tensor] = field(default_factory=dict)


def heads_of(network: Network) -> list[Head]:
    """Return the heads of a network, in the order of the graph's outputs."""
    return [planned.head for planned in network.plan.heads]


def compute_losses(network: Network, batch: Batch) -> BatchLosses:
    """Run the forward pass of a batch, and return its losses.

    Raises:
        ValueError: if a target does not have the shape that its head expects.
    """
    raw = network.forward_output(batch.inputs)
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
            terms.append(loss if head.loss_weight == 1 else loss * head.loss_weight)
    penalties = network.penalties()
    penalties |= {f"{node}/activity": term for node, term in raw.penalties.items()}
    return BatchLosses(total_loss([*terms, *penalties.values()]), losses, penalties, raw)


def total_loss(terms: list[Tensor]) -> Tensor:
    """Return the sum of at least one scalar."""
    return terms[0] if len(terms) == 1 else torch.stack(terms).sum()

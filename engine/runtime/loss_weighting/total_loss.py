"""The total loss of a batch: weighted losses of all heads plus regularization penalties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from engine.objectives.head import Head
from engine.runtime.batches.batch import Batch
from engine.runtime.distributed.process_group import ProcessGroup
from engine.runtime.model.losses import LossSum, loss_count, loss_sum
from engine.runtime.model.network import ForwardOutput, Network, head_masks


class StepCounts(NamedTuple):
    """The counts of a whole step: of each loss by output name, see `LossSum`, and of rows."""

    losses: Mapping[str, Tensor | float | None]
    rows: float


@dataclass(frozen=True)
class BatchLosses:
    """The losses of a batch, as scalar tensors.

    Args:
        total: weighted sum of the losses, plus all penalties.
        sums: by output name, the sum of the losses of all entries, and their count.
        losses: unweighted losses by output name: the sums divided by the counts.
        penalties: penalties by name: "NODE/WEIGHT" or "NODE/activity" for regularizers,
            "OUTPUT/uncertainty" for uncertainty weighting.
        forward_output: result of the forward pass.
        row_count: number of rows.
        weights: loss weights that a rule adapts, by output name; empty for fixed loss weights.
    """

    total: Tensor
    sums: dict[str, LossSum]
    losses: dict[str, Tensor]
    penalties: dict[str, Tensor]
    forward_output: ForwardOutput
    row_count: float
    weights: dict[str, Tensor] = field(default_factory=dict)

    @property
    def counts(self) -> StepCounts:
        """The counts of a step that has only this batch."""
        return StepCounts({name: loss.count for name, loss in self.sums.items()}, self.row_count)


def heads_of(network: Network) -> list[Head]:
    """Return the heads of a network, in the order of the graph's outputs."""
    return [planned.head for planned in network.plan.heads]


def compute_losses(
    network: Network, batch: Batch, forward_output: ForwardOutput | None = None
) -> BatchLosses:
    """Return the losses of a batch, after the forward pass unless its result is given.

    Raises:
        ValueError: if a target does not have the shape that its head expects.
    """
    raw = forward_output or network.forward_output(batch.inputs)
    sums = {
        head.name: loss_sum(
            head,
            raw.heads[head.name],
            batch.targets[head.name],
            raw.masks.get(head.name),
            batch.weights.get(head.name),
            batch.masks.get(head.name),
        )
        for head in heads_of(network)
        if head.loss is not None and head.name in batch.targets
    }
    penalties = network.penalties()
    penalties |= {f"{node}/activity": term for node, term in raw.penalties.items()}
    return _batch_losses(network, sums, penalties, raw, batch.row_count)


def _batch_losses(
    network: Network,
    sums: dict[str, LossSum],
    penalties: dict[str, Tensor],
    raw: ForwardOutput,
    rows: float,
) -> BatchLosses:
    losses = {name: loss.value() for name, loss in sums.items()}
    terms = [
        losses[head.name] if head.loss_weight == 1 else losses[head.name] * head.loss_weight
        for head in heads_of(network)
        if head.name in losses and head.loss_weight
    ]
    total = total_loss([*terms, *penalties.values()])
    return BatchLosses(total, sums, losses, penalties, raw, rows)


def merge_losses(
    group: ProcessGroup, network: Network, own: BatchLosses, batch: Batch
) -> BatchLosses:
    """Return the losses of a global batch, given those of this rank's part, `batch`."""
    if group.size == 1:
        return own
    parts: list[Tensor | float] = [batch.row_count]
    for loss in own.sums.values():
        parts += [loss.total] if loss.count is None else [loss.total, loss.count]
    parts += [penalty * batch.row_count for penalty in own.penalties.values()]
    exact: dict[str, Any] = {"dtype": torch.float64, "device": own.total.device}
    own_parts = torch.stack([torch.as_tensor(part, **exact) for part in parts])
    merged = own_parts.detach() * batch.is_counted
    group.all_reduce([merged])
    values = iter(merged.to(own.total.dtype))
    rows = next(values)
    sums = {
        name: LossSum(next(values), None if loss.count is None else next(values))
        for name, loss in own.sums.items()
    }
    penalties = {name: next(values) / rows for name in own.penalties}
    return _batch_losses(network, sums, penalties, own.forward_output, rows.item())


def part_of_step(
    network: Network, own: BatchLosses, batch: Batch, counts: StepCounts
) -> BatchLosses:
    """Return what a rank's part of a batch, `batch`, adds to the losses and penalties of a step.

    Args:
        own: losses of the part.
        counts: counts of the step, all ranks and batches together.
    """
    sums = {
        name: LossSum(loss.total * batch.is_counted, counts.losses[name])
        for name, loss in own.sums.items()
    }
    fraction = batch.is_counted * batch.row_count / counts.rows
    penalties = {name: penalty * fraction for name, penalty in own.penalties.items()}
    return _batch_losses(network, sums, penalties, own.forward_output, batch.row_count)


def loss_counts(network: Network, batch: Batch) -> dict[str, Tensor | float]:
    """Return the counts of a batch's losses by output name, see `LossSum.count`; 0 for None.

    They depend on targets, weights and masks, not on predictions.
    """
    masks = head_masks(network, batch.inputs)
    return {
        head.name: loss_count(
            head,
            batch.targets[head.name],
            masks.get(head.name),
            batch.weights.get(head.name),
            batch.masks.get(head.name),
        )
        or 0.0
        for head in heads_of(network)
        if head.loss is not None and head.name in batch.targets
    }


def total_loss(terms: Sequence[Tensor]) -> Tensor:
    """Return the sum of at least one scalar."""
    return terms[0] if len(terms) == 1 else torch.stack(list(terms)).sum()

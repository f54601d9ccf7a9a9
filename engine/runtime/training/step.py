"""The gradients of one training step: of all its batches, on all ranks.

Each loss of a step is a sum over the step's rows, divided once by the count of the whole step. So
the gradients don't depend on how the rows are divided into accumulated batches and ranks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from engine.objectives.head import Head
from engine.runtime.batches.data_loader import Batch
from engine.runtime.loss_weighting.base import LossWeighting, Presence, target_presence
from engine.runtime.loss_weighting.total_loss import (
    BatchLosses,
    compute_losses,
    heads_of,
    loss_counts,
    merge_losses,
    total_loss,
)
from engine.runtime.model.losses import LossSum
from engine.runtime.model.network import ForwardOutput
from engine.runtime.seeding import seed_step
from engine.runtime.training.training import Training


class StepCounts(NamedTuple):
    """The counts of a whole step: of each loss by output name, see `LossSum`, and of rows."""

    losses: Mapping[str, Tensor | float | None]
    rows: float


def compute_gradients(
    training: Training, batches: Sequence[Batch], epoch: int
) -> list[BatchLosses]:
    """Compute the gradients of the total loss of a step, and update the metrics of the epoch.

    Args:
        batches: the batches of the step; with several ranks, this rank's part of each.
        epoch: number of the epoch, on which the random numbers of augmentation depend.

    Returns:
        The losses of each batch, of all ranks together, without their outputs.
    """
    network, group, context = training.network, training.group, training.device_context
    counts = _count(training, batches) if len(batches) > 1 else None
    results: list[BatchLosses] = []
    presence: list[Presence] = []
    for index, batch in enumerate(batches):
        seed_step(training.recipe.seed, training.progress.step + index, context.device)
        with context.autocast(), training.random_numbers(epoch, batch):
            own = compute_losses(network, batch)
        merged = merge_losses(group, network, own, batch)
        presence.append(_presence(training, batch))
        result = training.weight_losses(merged, presence[-1])
        if group.size > 1 and counts is None:
            counts = StepCounts({n: s.count for n, s in merged.sums.items()}, merged.row_count)
        context.backward(_objective(training, own, result, batch, counts))
        if training.repeated:
            training.repeated -= 1
        else:
            training.epoch_metrics.update(network, merged, batch)
        results.append(replace(result, forward_output=ForwardOutput({})))
    if group.size > 1:
        _sum_gradients(training, training.progress.step + len(batches))
    if training.loss_weighting is not None:
        heads = heads_of(network)
        _set_loss_weight_gradients(training.loss_weighting, heads, results, presence)
    return results


def _sum_gradients(training: Training, step: int) -> None:
    """Sum the gradients over the ranks, and set `is_decision_due` for the end of the given step.

    Why: the ranks have to exchange the gradients anyway, and each exchange takes milliseconds.
    """
    is_due = training.group.rank == 0 and training.has_decision(step)
    flag = torch.tensor([float(is_due)], device=training.device_context.device)
    training.group.all_reduce([*training.gradients(), flag])
    training.is_decision_due = bool(flag)


def _count(training: Training, batches: Sequence[Batch]) -> StepCounts:
    """Return the counts of a step of several batches, before any of them is computed."""
    counted = [batch for batch in batches if batch.is_counted]
    counts = [loss_counts(training.network, batch) for batch in counted or batches[:1]]
    names = [name for name, count in counts[0].items() if count is not None]
    rows = sum(batch.row_count for batch in counted)
    sums = [sum(torch.as_tensor(count[name]) for count in counts) for name in names]
    numbers = torch.tensor([rows, *sums], dtype=torch.float64) * bool(counted)
    training.group.all_reduce([numbers])
    rows, *merged = numbers.tolist()
    return StepCounts({**dict.fromkeys(counts[0]), **dict(zip(names, merged, strict=True))}, rows)


def _presence(training: Training, batch: Batch) -> Presence:
    """Return which outputs have targets in a global batch; {} if no loss weighting needs it."""
    if training.loss_weighting is None:
        return {}
    present = target_presence(batch)
    if training.group.size == 1:
        return present
    numbers = torch.tensor([float(value) * batch.is_counted for value in present.values()])
    training.group.all_reduce([numbers])
    return dict(zip(present, numbers.clamp(max=1).tolist(), strict=True))


def _objective(
    training: Training,
    own: BatchLosses,
    result: BatchLosses,
    batch: Batch,
    counts: StepCounts | None,
) -> Tensor:
    """Return what this rank's part of a batch adds to the total loss of the step.

    Args:
        own: losses of this rank's part.
        result: losses of the global batch.
        counts: counts of the step; None if this part is the whole step.
    """
    if counts is None and training.loss_weighting is None:
        return result.total
    heads = [h for h in heads_of(training.network) if h.name in own.sums and h.loss_weight]
    parts = own.losses
    if counts is not None:
        parts = {
            name: LossSum(loss.total * batch.is_counted, counts.losses[name]).value()
            for name, loss in own.sums.items()
        }
    if training.loss_weighting is not None:
        training.loss_weighting.prepare({head.name: parts[head.name] for head in heads})
    if counts is None:
        return result.total
    terms = [result.weights.get(head.name, head.loss_weight) * parts[head.name] for head in heads]
    share = batch.is_counted * batch.row_count / counts.rows
    return total_loss([*terms, *(penalty * share for penalty in own.penalties.values())])


def _set_loss_weight_gradients(
    weighting: LossWeighting,
    heads: Sequence[Head],
    results: Sequence[BatchLosses],
    presence: Sequence[Presence],
) -> None:
    """Set the gradients of the learned loss weights from the losses of all batches of a step."""
    losses, present = results[0].losses, presence[0]
    if len(results) > 1:
        parts = {name: [result.sums[name] for result in results] for name in losses}
        losses = {name: _add(sums).value() for name, sums in parts.items()}
        present = {name: max(float(part[name]) for part in presence) for name in losses}
    weighting.set_gradients(losses, heads, present)


def _add(sums: Sequence[LossSum]) -> LossSum:
    """Return the sum of the losses of several batches."""
    total = torch.stack([loss.total.detach() for loss in sums]).sum()
    counts = [torch.as_tensor(loss.count) for loss in sums if loss.count is not None]
    return LossSum(total, torch.stack(counts).sum() if counts else None)

"""The gradients of one training step: of all its batches, on all ranks.

Each loss of a step is a sum over the step's rows, divided once by the count of the whole step. So
the gradients don't depend on how the rows are divided into accumulated batches and ranks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from engine.runtime.batches.batch import Batch
from engine.runtime.loss_weighting.base import Presence, target_presence
from engine.runtime.loss_weighting.total_loss import (
    BatchLosses,
    StepCounts,
    compute_losses,
    heads_of,
    loss_counts,
    merge_losses,
    part_of_step,
)
from engine.runtime.model.losses import LossSum
from engine.runtime.model.network import ForwardOutput
from engine.runtime.seeding import seed_step
from engine.runtime.training.training import Training


def compute_gradients(
    training: Training, batches: Sequence[Batch], epoch: int
) -> list[BatchLosses]:
    """Compute the gradients of the total loss of a step, and update the metrics of the epoch.

    Args:
        batches: the batches of the step; with several ranks, this rank's part of each.
        epoch: number of the epoch, on which the random numbers of augmentation depend.

    Returns:
        The losses of each batch, of all ranks together.
    """
    network, group, weighting = training.network, training.group, training.loss_weighting
    context, heads = training.device_context, heads_of(network)
    # The counts of several batches are needed before the first of them is computed.
    counts = _count(training, batches) if len(batches) > 1 else None
    results: list[BatchLosses] = []
    presence: list[Presence] = []
    for index, batch in enumerate(batches):
        seed_step(training.recipe.seed, training.progress.step + index, context.device)
        with context.autocast(), training.random_numbers(epoch, batch):
            own = compute_losses(network, batch)
        merged = merge_losses(group, network, own, batch)
        present = _presence(training, batch)
        result = training.weight_losses(merged, present)
        part, objective = own, result.total
        if counts is not None or group.size > 1:
            part = part_of_step(network, own, batch, counts or merged.counts)
            objective = training.weight_losses(part, present).total
        if weighting is not None:
            weighting.prepare(part.losses, heads)
        context.backward(objective)
        if training.repeated:
            training.repeated -= 1
        else:
            training.epoch_metrics.update(network, merged, batch)
        if len(batches) > 1:  # the outputs of all batches may take much memory
            result = replace(result, forward_output=ForwardOutput({}))
        results.append(result)
        presence.append(present)
    if group.size > 1:
        _sum_gradients(training, training.progress.step + len(batches))
    if weighting is not None:
        present = {name: max(parts[name] for parts in presence) for name in presence[0]}
        losses = _step_losses(results, counts or results[0].counts)
        weighting.set_gradients(losses, heads, present)
    return results


def _sum_gradients(training: Training, step: int) -> None:
    """Sum the gradients over the ranks, and set `is_decision_due` for the end of the given step.

    Why: the ranks have to exchange the gradients anyway, and each exchange takes milliseconds.
    """
    is_due = float(training.has_decision(step))
    flag = torch.tensor([is_due], device=training.device_context.device)
    training.group.all_reduce([*training.gradients(), flag])
    training.is_decision_due = bool(flag)


def _count(training: Training, batches: Sequence[Batch]) -> StepCounts:
    """Return the counts of a step of several batches, before any of them is computed."""
    counts = [loss_counts(training.network, batch) for batch in batches]
    numbers = [
        torch.tensor([batch.row_count, *own.values()], dtype=torch.float64) * batch.is_counted
        for batch, own in zip(batches, counts, strict=True)
    ]
    summed = torch.stack(numbers).sum(0)
    training.group.all_reduce([summed])
    rows, *totals = summed.tolist()
    return StepCounts(dict(zip(counts[0], totals, strict=True)), rows)


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


def _step_losses(results: Sequence[BatchLosses], counts: StepCounts) -> dict[str, Tensor]:
    """Return the losses of a step by output name, given those of its batches."""
    totals = {
        name: torch.stack([result.sums[name].total.detach() for result in results]).sum()
        for name in counts.losses
    }
    return {name: LossSum(total, counts.losses[name]).value() for name, total in totals.items()}

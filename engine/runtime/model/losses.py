"""From a head's raw tensor and its targets to one number, with Keras' weights and reductions."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.objectives.head import Head
from engine.objectives.loss import Objective, Reduction


def loss_value(
    head: Head,
    raw: Tensor,
    target: Tensor,
    mask: Tensor | None = None,
    sample_weight: Tensor | None = None,
    present: Tensor | None = None,
) -> Tensor:
    """Return the loss of one head on one batch, a scalar; `head.loss_weight` is left out.

    Args:
        head: one that has a loss.
        raw: scores before the activation where `head.fold` holds, else what the graph answers.
        target: shaped as `head.target_shape`, where a last axis of size 1 may be missing.
        mask: True where an entry counts, for its first axes: (batch,) or (batch, steps).
        sample_weight: a weight for each row, or for each step.
        present: True where there is a target, as `engine.data.preprocessing.target_masks` says it; the loss is a mean
            over these, and 0 if there are none.

    Raises:
        ValueError: if the shapes differ; nothing is ever broadcast against its meaning.
    """
    assert head.loss is not None, f"{head.name} predicts only"
    raw, target = aligned(head, raw, target)
    values, present = entries(head.loss, target, raw, present)
    mask = both(both(mask, present, values), head.loss.counted(torch, target), values)
    loss = reduced(values, weights(head, target, sample_weight), mask, head.loss.reduction)
    if head.loss.reduction == "sum" and values.dim() == raw.dim():
        return loss / raw.shape[-1]  # a sum over rows, each the mean of its cells
    return loss


def entries(
    objective: Objective, target: Tensor, prediction: Tensor, mask: Tensor | None
) -> tuple[Tensor, Tensor | None]:
    """Return one value an entry and a mask of these values.

    Args:
        objective: a loss or metric.
        target, prediction: aligned.
        mask: True where something counts: an entry, or each cell along the last axis; then there
            is a value for each cell, if the objective has one.
    """
    if mask is None or mask.shape != prediction.shape or prediction.shape[-1] == 1:
        return objective.values(torch, target, prediction), mask
    if objective.apart:
        return objective.values(torch, target.unsqueeze(-1), prediction.unsqueeze(-1)), mask
    return objective.values(torch, target, prediction), mask.all(-1)


def aligned(head: Head, prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Return both with the shapes and dtypes that losses and metrics count on.

    A target may lack a last axis of size 1, or have one too many. Half precision is widened, as
    a sum of many small losses would not survive it.
    """
    assert head.loss is not None
    if prediction.dtype in (torch.float16, torch.bfloat16):
        prediction = prediction.float()
    if prediction.dim() == 1:
        prediction = prediction.unsqueeze(-1)
    wanted = list(prediction.shape)
    if head.form == "index":
        del wanted[head.loss.class_axis]
    given = list(target.shape)
    if given == [*wanted, 1]:
        target = target.squeeze(-1)
    elif [*given, 1] == wanted:
        target = target.unsqueeze(-1)
    elif given != wanted:
        raise ValueError(f"{head.name}: targets of shape {given} do not fit {wanted}")
    return prediction, target.to(torch.long if head.form == "index" else prediction.dtype)


def weights(head: Head, target: Tensor, sample_weight: Tensor | None) -> Tensor | None:
    """Return the weight of each entry: its own times that of its class. Needs aligned targets."""
    if not head.class_weight:
        return sample_weight
    table = torch.tensor(head.class_weight, dtype=torch.get_default_dtype(), device=target.device)
    label = _labels(head, target)
    known = (label >= 0) & (label < len(table))  # an ignored class may have any number
    by_class = torch.where(known, table[torch.where(known, label, 0)], 1.0)
    if sample_weight is None:
        return by_class
    return by_class * spread(sample_weight.to(by_class.dtype), by_class)


def _labels(head: Head, target: Tensor) -> Tensor:
    if head.form == "index":
        return target
    if head.form == "binary":
        return (target > 0.5).long().squeeze(-1)
    return target.argmax(-1)


def reduced(
    values: Tensor, weight: Tensor | None, mask: Tensor | None, reduction: Reduction
) -> Tensor:
    """Return one number for the values of a batch.

    Source: keras.losses, `reduction`: a plain mean divides by the number of entries, whatever
    their weights; a mask takes its entries out of that number too.
    """
    if weight is not None:
        weight = spread(weight.to(values.dtype), values)
    if mask is not None:
        share = spread(mask.to(values.dtype), values)
        if reduction in ("sum_over_batch_size", "mean"):
            share = share * _ratio(torch.ones_like(share).sum(), share.sum())
        weight = share if weight is None else weight * share
    total = (values if weight is None else values * weight).sum()
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weight is not None:
        return _ratio(total, weight.sum())
    return total / max(values.numel(), 1)


def _ratio(above: Tensor, below: Tensor) -> Tensor:
    """Divide, and answer 0 where there is nothing to divide by; gradients stay finite."""
    none = below == 0
    return torch.where(none, torch.zeros_like(above), above / torch.where(none, 1.0, below))


def both(one: Tensor | None, other: Tensor | None, values: Tensor) -> Tensor | None:
    """Return True where both masks are, of every value; None counts all."""
    if one is None or other is None:
        return one if other is None else other
    return spread(one, values).bool() & spread(other, values).bool()


def spread(weight: Tensor, values: Tensor) -> Tensor:
    """Return a weight of rows or steps as one of every value; an axis of 1 holds for all."""
    if weight.dim() == values.dim() + 1 and weight.shape[-1] == 1:
        weight = weight.squeeze(-1)
    whole = zip(weight.shape, values.shape, strict=False)
    fits = weight.dim() <= values.dim() and weight.shape[:1] == values.shape[: min(weight.dim(), 1)]
    if not fits or any(size not in (1, wanted) for size, wanted in whole):
        given, wanted = list(weight.shape), list(values.shape)
        raise ValueError(f"weights or a mask of shape {given} do not fit values of {wanted}")
    missing = values.dim() - weight.dim()
    return weight.reshape(*weight.shape, *[1] * missing).expand_as(values)

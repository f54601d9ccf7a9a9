"""The loss of an output, with sample weights, class weights, masks and reductions as in Keras.

An entry is a position with one loss value, such as a row, or a time step of a row. A loss is kept
as the sum over entries and their count, so that parts of a batch can be added before the division.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_

import torch
from torch import Tensor

from engine.objectives.head import Head
from engine.objectives.loss import Objective


@dataclass(frozen=True, slots=True)
class LossSum:
    """The sum of the losses of all entries, and the count by which it is divided.

    Args:
        total: sum over the entries, weighted and without the masked ones; a scalar.
        count: number of entries, or sum of their weights, depending on the reduction; None if the
            loss is the sum itself.
    """

    total: Tensor
    count: Tensor | float | None

    def value(self) -> Tensor:
        """Return the loss: the sum divided by the count, or 0 for a count of 0."""
        if isinstance(self.count, Tensor):
            return _ratio(self.total, self.count)
        return self.total / self.count if self.count else self.total


def loss_sum(
    head: Head,
    raw: Tensor,
    target: Tensor,
    mask: Tensor | None = None,
    sample_weight: Tensor | None = None,
    present: Tensor | None = None,
) -> LossSum:
    """Return the loss of one head on one batch, not multiplied by its loss weight.

    Args:
        raw: logits if `head.fold` is true (the loss includes the activation), else the output.
        target: targets of shape `head.target_shape`; a last axis of size 1 may be missing.
        mask: True for rows to include, or for time steps if the shape is (batch, steps).
        sample_weight: one weight per row, or per time step.
        present: True where a target is present, see `engine.data.preprocessing.target_masks`. The
            loss is the mean over these targets, or 0 if there are none.

    Raises:
        ValueError: if the shapes don't match; shapes are not broadcast.
    """
    assert head.loss is not None, f"{head.name} predicts only"
    raw, target = align(head, raw, target)
    values, present = entry_values(head.loss, target, raw, present)
    result = _sum_values(head, target, values, sample_weight, mask, present)
    if head.loss.reduction == "sum" and values.dim() == raw.dim():
        # the sum over rows of the mean over columns
        return LossSum(result.total / raw.shape[-1], None)
    return result


def loss_count(
    head: Head,
    target: Tensor,
    mask: Tensor | None = None,
    sample_weight: Tensor | None = None,
    present: Tensor | None = None,
) -> Tensor | float | None:
    """Return the count of `loss_sum`, which does not depend on the prediction."""
    assert head.loss is not None, f"{head.name} predicts only"
    is_index = head.target_form == "index"
    rank = 1 + max(head.spec.rank, 1) - is_index
    if target.dim() != rank:
        target = target.squeeze(-1) if target.dim() > rank else target.unsqueeze(-1)
    dtype = torch.float32 if target.device.type == "mps" else torch.float64  # MPS lacks float64
    target = target.to(torch.long if is_index else dtype)
    values = torch.ones_like(target, dtype=dtype)
    if present is not None and not is_index and present.shape == target.shape:
        # Each element of an entry may be present or missing.
        if not head.loss.is_elementwise or target.shape[-1] == 1:
            values, present = values.select(head.loss.class_axis, 0), present.all(-1)
    elif not is_index:
        values = values.select(head.loss.class_axis, 0)
    return _sum_values(head, target, values, sample_weight, mask, present).count


def entry_values(
    objective: Objective, target: Tensor, prediction: Tensor, mask: Tensor | None
) -> tuple[Tensor, Tensor | None]:
    """Return the values of a loss or metric before reduction, and the mask of these values.

    An entry is a row, or a time step of a row. Usually, it has one value. If `mask` has the shape
    of `prediction`, each element of an entry has a value, provided that `objective` is elementwise.
    If it is not, the returned mask includes an entry if `mask` includes all its elements.

    Args:
        target, prediction: tensors from `align`.
        mask: True to include an entry, or an element of an entry. None to include all.
    """
    if mask is None or mask.shape != prediction.shape or prediction.shape[-1] == 1:
        return objective.values(torch, target, prediction), mask
    if objective.is_elementwise:
        return objective.values(torch, target.unsqueeze(-1), prediction.unsqueeze(-1)), mask
    return objective.values(torch, target, prediction), mask.all(-1)


def align(head: Head, prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Return prediction and target with matching shapes and the dtypes that losses need.

    A last axis of size 1 may be missing or additional in the target. Half-precision predictions are
    converted to float32, because sums of many small losses would be inaccurate.
    """
    assert head.loss is not None
    if prediction.dtype in (torch.float16, torch.bfloat16):
        prediction = prediction.float()
    if prediction.dim() == 1:
        prediction = prediction.unsqueeze(-1)
    expected = list(prediction.shape)
    if head.target_form == "index":
        del expected[head.loss.class_axis]
    given = list(target.shape)
    if given == [*expected, 1]:
        target = target.squeeze(-1)
    elif [*given, 1] == expected:
        target = target.unsqueeze(-1)
    elif given != expected:
        raise ValueError(f"{head.name}: targets of shape {given} do not fit {expected}")
    return prediction, target.to(torch.long if head.target_form == "index" else prediction.dtype)


def entry_weights(head: Head, target: Tensor, sample_weight: Tensor | None) -> Tensor | None:
    """Return sample weight x class weight per row or time step; None if neither is given."""
    if not head.class_weight:
        return sample_weight
    table = torch.tensor(head.class_weight, dtype=torch.get_default_dtype(), device=target.device)
    class_ids = _class_ids(head, target)
    # The loss ignores entries of an ignored class, whose id may be out of range.
    is_known = (class_ids >= 0) & (class_ids < len(table))
    class_weights = torch.where(is_known, table[torch.where(is_known, class_ids, 0)], 1.0)
    if sample_weight is None:
        return class_weights
    return class_weights * expand_to(sample_weight.to(class_weights.dtype), class_weights)


def _class_ids(head: Head, target: Tensor) -> Tensor:
    if head.target_form == "index":
        return target
    if head.target_form == "binary":
        return (target > 0.5).long().squeeze(-1)
    return target.argmax(-1)


def _sum_values(
    head: Head, target: Tensor, values: Tensor, sample_weight: Tensor | None, *masks: Tensor | None
) -> LossSum:
    """Return the sum of the unmasked values times their weights, and the count of the loss.

    As in Keras, the count is the number of unmasked values, or with "mean_with_sample_weight" the
    sum of their weights.

    Source: keras.losses, `reduction`.
    """
    assert head.loss is not None
    reduction, mask = head.loss.reduction, head.loss.target_mask(torch, target)
    mask = combine_masks(values, *masks, mask)
    weight = entry_weights(head, target, sample_weight)
    count: Tensor | float | None = float(values.numel())
    if weight is not None:
        weight = expand_to(weight.to(values.dtype), values)
    if mask is not None:
        included = expand_to(mask.to(values.dtype), values)
        count = included.sum()
        weight = included if weight is None else weight * included
    total = (values if weight is None else values * weight).sum()
    if reduction == "sum":
        count = None
    elif reduction == "mean_with_sample_weight" and weight is not None:
        count = weight.sum()
    return LossSum(total, count)


def _ratio(numerator: Tensor, denominator: Tensor) -> Tensor:
    """Return the quotient, or 0 with finite gradients where the denominator is 0."""
    is_zero = denominator == 0
    quotient = numerator / torch.where(is_zero, 1.0, denominator)
    return torch.where(is_zero, torch.zeros_like(numerator), quotient)


def combine_masks(values: Tensor, *masks: Tensor | None) -> Tensor | None:
    """Return masks combined with "and", in the shape of `values`; a single one is not changed."""
    given = [mask for mask in masks if mask is not None]
    if len(given) < 2:
        return given[0] if given else None
    return reduce(and_, (expand_to(mask, values).bool() for mask in given))


def expand_to(weight: Tensor, values: Tensor) -> Tensor:
    """Return weights or a mask of rows or time steps, expanded to the shape of `values`.

    Axes are aligned from the left, unlike in broadcasting: missing axes are appended.
    """
    if weight.dim() == values.dim() + 1 and weight.shape[-1] == 1:
        weight = weight.squeeze(-1)
    sizes = zip(weight.shape, values.shape, strict=False)
    fits = weight.dim() <= values.dim() and weight.shape[:1] == values.shape[: min(weight.dim(), 1)]
    if not fits or any(size not in (1, expected) for size, expected in sizes):
        given, expected = list(weight.shape), list(values.shape)
        raise ValueError(f"weights or a mask of shape {given} do not fit values of {expected}")
    missing = values.dim() - weight.dim()
    return weight.reshape(*weight.shape, *[1] * missing).expand_as(values)

"""The loss of an output, with sample weights, class weights, masks and reductions as in Keras.

An entry is a position with one loss value, such as a row, or a time step of a row.
"""

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
    """Return the loss of one head on one batch as a scalar, not multiplied by its loss weight.

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
    mask = combine_masks(mask, present, values)
    mask = combine_masks(mask, head.loss.target_mask(torch, target), values)
    weight = entry_weights(head, target, sample_weight)
    loss = reduce_values(values, weight, mask, head.loss.reduction)
    if head.loss.reduction == "sum" and values.dim() == raw.dim():
        return loss / raw.shape[-1]  # the sum over rows of the mean over columns
    return loss


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


def reduce_values(
    values: Tensor, weight: Tensor | None, mask: Tensor | None, reduction: Reduction
) -> Tensor:
    """Return the sum or mean of the values of a batch, weighted and masked as in Keras.

    With "sum", the result is the sum of the unmasked values times their weights. With
    "mean_with_sample_weight", this sum is divided by the sum of the weights. Otherwise, it is
    divided by the number of unmasked values; for this, the function scales the mask.

    Source: keras.losses, `reduction`.
    """
    if weight is not None:
        weight = expand_to(weight.to(values.dtype), values)
    if mask is not None:
        scaled_mask = expand_to(mask.to(values.dtype), values)
        if reduction in ("sum_over_batch_size", "mean"):
            entry_count = torch.ones_like(scaled_mask).sum()
            scaled_mask = scaled_mask * _ratio(entry_count, scaled_mask.sum())
        weight = scaled_mask if weight is None else weight * scaled_mask
    weighted = values if weight is None else values * weight
    if reduction == "mean_with_sample_weight" and weight is not None:
        return _ratio(weighted.sum(), weight.sum())
    has_values = values.numel() > 0  # without values, the mean would be NaN instead of 0
    return weighted.mean() if has_values and reduction != "sum" else weighted.sum()


def _ratio(numerator: Tensor, denominator: Tensor) -> Tensor:
    """Return the quotient, or 0 with finite gradients where the denominator is 0."""
    is_zero = denominator == 0
    quotient = numerator / torch.where(is_zero, 1.0, denominator)
    return torch.where(is_zero, torch.zeros_like(numerator), quotient)


def combine_masks(first: Tensor | None, second: Tensor | None, values: Tensor) -> Tensor | None:
    """Combine two masks with "and", in the shape of `values`; if one is None, return the other."""
    if first is None or second is None:
        return first if second is None else second
    return expand_to(first, values).bool() & expand_to(second, values).bool()


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

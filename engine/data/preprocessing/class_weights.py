"""Class ids of targets, and balanced class weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.ports.target_spec import TargetSpec
from engine.data.table.array import Array
from engine.objectives.loss import TargetForm


def class_ids(form: TargetForm | None, target: Array) -> Array:
    """Return the class ids of a target of the given form.

    If a target row holds one probability per class, its class id is that of the largest one.
    """
    if form == "index":
        return target
    if form == "binary":
        ids: Array = (target > 0.5).astype(np.int64)
        return ids[..., 0] if ids.ndim > 1 and ids.shape[-1] == 1 else ids
    return np.asarray(target.argmax(-1))


def balanced_class_weights(
    port: TargetSpec, target: Array, mask: Array | None
) -> tuple[float, ...]:
    """Return one weight per class, inversely proportional to the frequency of the class.

    Args:
        target: the target values of the training rows.
        mask: True where a target is present; None if all targets are present.
    """
    return class_weights_from_counts(class_counts(port, target, mask))


def class_counts(port: TargetSpec, target: Array, mask: Array | None) -> NDArray[np.int64]:
    """Return how often each class occurs. For the arguments see `balanced_class_weights`."""
    assert port.classes is not None, "class weights were checked"
    ids = class_ids(port.form, target)
    ids = ids.reshape(-1) if mask is None else ids[mask]
    is_valid = (ids >= 0) & (ids < port.classes)
    is_valid &= ids != (-1 if port.ignored_class is None else port.ignored_class)
    return np.bincount(ids[is_valid], minlength=port.classes)


def class_weights_from_counts(counts: NDArray[np.int64]) -> tuple[float, ...]:
    """Return the balanced weight of each class, given the number of rows of each class.

    The weight is rows / (classes * rows of the class), where `classes` is the number of classes
    that occur. A class that does not occur has weight 1.

    Source: scikit-learn, compute_class_weight("balanced").
    """
    is_present = counts > 0
    weights = counts.sum() / (is_present.sum() * np.maximum(counts, 1))
    return tuple(np.where(is_present, weights, 1.0).tolist())

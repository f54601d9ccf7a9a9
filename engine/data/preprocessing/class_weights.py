"""Which class each row of a target belongs to, and how much each class should count."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.ports.target_spec import TargetPort
from engine.objectives.loss import Form

Array = NDArray[Any]


def class_numbers(form: Form | None, target: Array) -> Array:
    """Return the class of each entry of a target, of which a soft one names the likeliest."""
    if form == "index":
        return target
    if form == "binary":
        yes: Array = (target > 0.5).astype(np.int64)
        return yes[..., 0] if yes.ndim > 1 and yes.shape[-1] == 1 else yes
    return np.asarray(target.argmax(-1))


def balanced(port: TargetPort, target: Array, mask: Array | None) -> tuple[float, ...]:
    """Return weights that let every class count the same, however often it occurs.

    Args:
        port: of an output that tells classes apart.
        target: the rows to train on.
        mask: True where a row has a target; None for all.
    """
    return even(class_counts(port, target, mask))


def class_counts(port: TargetPort, target: Array, mask: Array | None) -> NDArray[np.int64]:
    """Return how often each class occurs; arguments as for `balanced`."""
    assert port.classes is not None, "class weights were checked"
    numbers = class_numbers(port.form, target)
    numbers = numbers.reshape(-1) if mask is None else numbers[mask]
    sound = (numbers >= 0) & (numbers < port.classes)
    sound &= numbers != (-1 if port.ignored is None else port.ignored)
    return np.bincount(numbers[sound], minlength=port.classes)


def even(counts: NDArray[np.int64]) -> tuple[float, ...]:
    """Return the weights of classes that occur so often.

    A class counts rows / (classes x rows of it), where only classes that occur are counted; one
    that does not occur counts 1.

    Source: scikit-learn, compute_class_weight("balanced").
    """
    occurring = counts > 0
    weights = counts.sum() / (occurring.sum() * np.maximum(counts, 1))
    return tuple(np.where(occurring, weights, 1.0).tolist())

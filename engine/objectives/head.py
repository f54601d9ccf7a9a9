"""The head of an Output: its resolved loss, metrics and class weights."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.tensor_spec import Dim, TensorSpec
from engine.objectives.loss import LOSSES, Loss, Objective, TargetForm


@dataclass(frozen=True, slots=True)
class Head:
    """An Output with the loss and metrics that fit its predictions.

    Args:
        spec: spec of the prediction for one row.
        loss: the loss, None if the output only predicts.
        metrics: (name, metric) pairs; `acc` is resolved to a specific accuracy.
        target_form: form of the target, None without a loss.
        target_shape: shape of one target. A last axis of size 1 may be left out.
        fold: True if the loss takes logits and applies `activation` itself. Training then skips the
            activation of the layer.
        activation: activation of the layer before the Output.
        class_count: number of classes; 2 for a binary output, None for an output without classes.
        labels: names of the classes in order; for a binary output, the names of 0 and 1.
        class_weight: a weight for each class, () if all are equal.
        balanced: True if class weights are computed from class frequencies in the training rows.
        missing: "mask" if rows without a target are masked, "error" if they are an error.
    """

    name: str
    spec: TensorSpec
    loss: Loss | None = None
    loss_weight: float = 1.0
    metrics: tuple[tuple[str, Objective], ...] = ()
    target_form: TargetForm | None = None
    target_shape: tuple[Dim, ...] = ()
    fold: bool = False
    activation: str = "linear"
    class_count: int | None = None
    labels: tuple[str, ...] = ()
    unit: str = ""
    class_weight: tuple[float, ...] = ()
    balanced: bool = False
    missing: str = "error"

    @property
    def is_trained(self) -> bool:
        """Whether the head contributes to the training loss."""
        return self.loss is not None and self.loss_weight > 0

    @property
    def loss_name(self) -> str:
        """The canonical name of the loss, "" if the head only predicts."""
        return LOSSES.name_of(self.loss) if self.loss is not None else ""

    @property
    def probability_activation(self) -> str:
        """Activation from logits to probabilities; "linear" if the network predicts no logits."""
        predicts_logits = self.loss is not None and self.loss.takes_logits and not self.fold
        return self.loss.expected_activation if predicts_logits and self.loss else "linear"


def class_count(loss: Loss, shape: tuple[Dim, ...]) -> int | None:
    """Return the number of classes in predictions of `shape`; None if the loss has no classes.

    If the loss is binary, return 2 if `shape` is () or ends with 1, otherwise None. For other
    losses with classes, return the size of the last axis, or None if the last axis is dynamic.
    """
    last = shape[-1] if shape else 1
    if loss.target_form == "binary":
        return 2 if last == 1 else None
    return last if loss.target_form != "number" and isinstance(last, int) else None


def class_index(key: str, count: int, labels: tuple[str, ...]) -> int | None:
    """Return the class index of a `class_weight` key (a label or an index), None if unknown."""
    if key in labels:
        return labels.index(key)
    return int(key) if key.isdecimal() and int(key) < count else None

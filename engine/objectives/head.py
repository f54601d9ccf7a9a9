"""The head of an Output: its resolved loss, metrics and class weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from engine.core.tensor_spec import Dim, TensorSpec
from engine.objectives.loss import LOSSES, Loss, Objective, TargetForm
from engine.objectives.metric import METRICS


class OutputSettings(Protocol):
    """The fields of an Output layer that decide its loss and metrics."""

    @property
    def loss(self) -> Loss | None: ...
    @property
    def loss_weight(self) -> float: ...
    @property
    def metrics(self) -> tuple[Objective, ...]: ...
    @property
    def class_weight(self) -> dict[str, float] | Literal["balanced"] | None: ...
    @property
    def labels(self) -> tuple[str, ...] | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def missing(self) -> str: ...


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


def can_fold_activation(loss: Loss, activation: str, rank: int) -> bool:
    """Return whether `loss` can apply `activation` itself, which is numerically more stable.

    `rank` is the number of axes of a prediction, without the batch.
    """
    needs_probabilities = loss.can_take_logits and not loss.takes_logits
    on_last_axis = loss.class_axis in (-1, rank)
    return needs_probabilities and on_last_axis and activation == loss.expected_activation


def resolve_head(name: str, output: OutputSettings, spec: TensorSpec, activation: str) -> Head:
    """Return the head of an Output, whose input has this spec and activation.

    Metrics and class weights that don't fit are left out; `engine.check.heads` reports them.
    """
    loss = output.loss
    labels = output.labels or ()
    if loss is None:
        return Head(name, spec, activation=activation, labels=labels, unit=output.unit)
    fold = can_fold_activation(loss, activation, spec.rank)
    count = class_count(loss, spec.shape)
    return Head(
        name,
        spec,
        loss=loss.with_logits(True) if fold else loss,
        loss_weight=output.loss_weight,
        metrics=tuple(_metrics(output.metrics, loss, spec)),
        target_form=loss.target_form,
        target_shape=loss.target_shape(spec.shape),
        fold=fold,
        activation=activation,
        class_count=count,
        labels=labels,
        unit=output.unit,
        class_weight=_class_weights(output, count),
        balanced=output.class_weight == "balanced",
        missing=output.missing,
    )


def _metrics(
    metrics: tuple[Objective, ...], loss: Loss, spec: TensorSpec
) -> list[tuple[str, Objective]]:
    """Return (name, metric) of each metric that fits a loss. Names are unique: acc, acc_1."""
    named: list[tuple[str, Objective]] = []
    last_numbers: dict[str, int] = {}
    for metric in metrics:
        name = METRICS.name_of(metric)
        resolved = metric.resolve_for(loss, spec.shape)
        if resolved is not None:
            number = last_numbers[name] = last_numbers.get(name, -1) + 1
            named.append((f"{name}_{number}" if number else name, resolved))
    return named


def class_index(key: str, count: int, labels: tuple[str, ...]) -> int | None:
    """Return the class index of a `class_weight` key (a label or an index), None if unknown."""
    if key in labels:
        return labels.index(key)
    return int(key) if key.isdecimal() and int(key) < count else None


def _class_weights(output: OutputSettings, count: int | None) -> tuple[float, ...]:
    if not isinstance(output.class_weight, dict) or count is None:
        return ()
    weights = [1.0] * count
    for key, weight in output.class_weight.items():
        index = class_index(key, count, output.labels or ())
        if index is not None and index < count:
            weights[index] = weight
    return tuple(weights)

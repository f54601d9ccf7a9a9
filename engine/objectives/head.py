"""One Output, worked out: what data, plan, training loop and reports need to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from engine.core.tensor_spec import Dim, TensorSpec
from engine.objectives.loss import LOSSES, Form, Loss, Objective
from engine.objectives.metric import METRICS


class OutputSettings(Protocol):
    """The fields of an Output layer that decide its loss and metrics."""

    @property
    def loss(self) -> Loss | None:
        """The loss, None if the output is not trained."""

    @property
    def loss_weight(self) -> float:
        """The factor of the loss in the total."""

    @property
    def metrics(self) -> tuple[Objective, ...]:
        """What is measured besides the loss."""

    @property
    def class_weight(self) -> dict[str, float] | Literal["balanced"] | None:
        """Weights of the classes by label or number."""

    @property
    def labels(self) -> tuple[str, ...] | None:
        """Names of the classes, in order."""

    @property
    def unit(self) -> str:
        """The unit of a number."""

    @property
    def missing(self) -> str:
        """What a row without a target means."""


@dataclass(frozen=True, slots=True)
class Head:
    """An Output with its loss and metrics resolved.

    Args:
        name: the Output node's name.
        spec: what it predicts for one row.
        loss: what is computed on the head's raw tensor, None if it predicts only. Where `fold`
            holds, this is the loss on logits.
        loss_weight: its factor in the total.
        metrics: name under the output, and what is measured; `acc` is already decided.
        form: how the target is written, None without a loss.
        target_shape: shape of one target. A last axis of size 1 may be left out.
        fold: True if `activation` is left out while training, because the loss does it better.
        activation: the curve of the layer that feeds the Output.
        classes: number of classes; 2 for one yes-or-no answer, None where there are none.
        labels: the classes' names, or no and yes, in order.
        unit: the unit of a number, for reports.
        class_weight: a weight for each class, () if all count the same.
        balanced: True if these follow from how often each class occurs in the training rows.
        missing: "mask" if rows without a target count for nothing, "error" if there may be none.
    """

    name: str
    spec: TensorSpec
    loss: Loss | None = None
    loss_weight: float = 1.0
    metrics: tuple[tuple[str, Objective], ...] = ()
    form: Form | None = None
    target_shape: tuple[Dim, ...] = ()
    fold: bool = False
    activation: str = "linear"
    classes: int | None = None
    labels: tuple[str, ...] = ()
    unit: str = ""
    class_weight: tuple[float, ...] = ()
    balanced: bool = False
    missing: str = "error"

    @property
    def trained(self) -> bool:
        """True if this head moves weights."""
        return self.loss is not None and self.loss_weight > 0

    @property
    def loss_name(self) -> str:
        """The loss' canonical name, "" if the head predicts only."""
        return LOSSES.name_of(self.loss) if self.loss is not None else ""

    @property
    def link(self) -> str:
        """The curve that makes probabilities of predictions, where the graph leaves it out."""
        on_scores = self.loss is not None and self.loss.takes_logits and not self.fold
        return self.loss.link if on_scores and self.loss else "linear"


def classes(loss: Loss, shape: tuple[Dim, ...]) -> int | None:
    """Return how many classes a head tells apart, None if it does not or the number is free."""
    last = shape[-1] if shape else 1
    if loss.form == "binary":
        return 2 if last == 1 else None
    return last if loss.form != "number" and isinstance(last, int) else None


def folds(loss: Loss, curve: str, rank: int) -> bool:
    """Return whether an activation can be left to the loss, which is exact where it saturates."""
    last = loss.class_axis in (-1, rank)
    return loss.can_take_logits and not loss.takes_logits and curve == loss.link and last


def resolve(name: str, output: OutputSettings, spec: TensorSpec, curve: str) -> Head:
    """Work an Output out.

    Args:
        name: of the node.
        output: the layer.
        spec: what comes in.
        curve: the activation of the layer that feeds it.

    Returns:
        The head. What does not fit (`engine.check.heads` says so) is left out.
    """
    loss = output.loss
    labels = output.labels or ()
    if loss is None:
        return Head(name, spec, activation=curve, labels=labels, unit=output.unit)
    fold = folds(loss, curve, spec.rank)
    count = classes(loss, spec.shape)
    return Head(
        name,
        spec,
        loss=loss.with_logits(True) if fold else loss,
        loss_weight=output.loss_weight,
        metrics=tuple(_metrics(output.metrics, loss, spec)),
        form=loss.form,
        target_shape=loss.target_shape(spec.shape),
        fold=fold,
        activation=curve,
        classes=count,
        labels=labels,
        unit=output.unit,
        class_weight=_class_weights(output, count),
        balanced=output.class_weight == "balanced",
        missing=output.missing,
    )


def _metrics(
    wanted: tuple[Objective, ...], loss: Loss, spec: TensorSpec
) -> list[tuple[str, Objective]]:
    found: list[tuple[str, Objective]] = []
    times: dict[str, int] = {}
    for metric in wanted:
        own = METRICS.name_of(metric)
        fitting = metric.fit(loss, spec.shape)
        if fitting is not None:
            again = times[own] = times.get(own, -1) + 1
            found.append((f"{own}_{again}" if again else own, fitting))
    return found


def class_index(key: str, count: int, labels: tuple[str, ...]) -> int | None:
    """Return the class that a key of `class_weight` names, by label or by number."""
    if key in labels:
        return labels.index(key)
    return int(key) if key.isdecimal() and int(key) < count else None


def _class_weights(output: OutputSettings, count: int | None) -> tuple[float, ...]:
    if not isinstance(output.class_weight, dict) or count is None:
        return ()
    weights = [1.0] * count
    for key, weight in output.class_weight.items():
        place = class_index(key, count, output.labels or ())
        if place is not None and place < count:
            weights[place] = weight
    return tuple(weights)

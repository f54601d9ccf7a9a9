"""Losses on classes: how much probability a prediction gives to what is right."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, NonNegativeFloat

from engine.objectives.loss import (
    EPSILON,
    LOSSES,
    Axis,
    FromLogits,
    Loss,
    Reduction,
    Smoothing,
    Tensor,
    Torch,
)


def _clipped(torch: Torch, probability: Tensor) -> Tensor:
    return torch.clamp(probability, EPSILON, 1.0 - EPSILON)


def _shares(torch: Torch, prediction: Tensor, axis: int) -> Tensor:
    """Scale predictions to sum to 1 over the classes, as Keras does before a cross-entropy."""
    return _clipped(torch, prediction / prediction.sum(axis, keepdim=True))


def _smoothed(target: Tensor, smoothing: float) -> Tensor:
    return target * (1.0 - smoothing) + smoothing / target.shape[-1] if smoothing else target


@LOSSES.register()
class CategoricalCrossentropy(Loss):
    """For one class out of several, with a column for each class."""

    forms: ClassVar = ("onehot", "distribution")
    link: ClassVar = "softmax"
    from_logits: FromLogits = False
    label_smoothing: Smoothing = 0.0
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        if self.from_logits:
            logarithm = torch.log_softmax(prediction, self.axis)
        else:
            logarithm = torch.log(_shares(torch, prediction, self.axis))
        return -(_smoothed(target, self.label_smoothing) * logarithm).sum(self.axis)


@LOSSES.register()
class SparseCategoricalCrossentropy(Loss):
    """For one class out of several, with the class' number in one column."""

    forms: ClassVar = ("index",)
    link: ClassVar = "softmax"
    from_logits: FromLogits = False
    ignore_class: int | None = Field(None, description="A class number that counts for nothing.")
    reduction: Reduction = "sum_over_batch_size"
    axis: Axis = -1

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        counted = self.counted(torch, target)
        place = target if counted is None else torch.where(counted, target, 0)
        if self.from_logits:
            logarithm = torch.log_softmax(prediction, self.axis)
        else:
            logarithm = torch.log(_shares(torch, prediction, self.axis))
        lost = -torch.gather(logarithm, self.axis, place.unsqueeze(self.axis)).squeeze(self.axis)
        return lost if counted is None else torch.where(counted, lost, 0.0)

    def counted(self, torch: Torch, target: Tensor) -> Tensor | None:
        return None if self.ignore_class is None else target != self.ignore_class


@LOSSES.register("bce", "BCE")
class BinaryCrossentropy(Loss):
    """For yes or no, one column for each question."""

    forms: ClassVar = ("binary",)
    apart: ClassVar = True
    link: ClassVar = "sigmoid"
    from_logits: FromLogits = False
    label_smoothing: Smoothing = 0.0
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        target = target * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing
        functional = torch.nn.functional
        if self.from_logits:
            lost = functional.binary_cross_entropy_with_logits(prediction, target, reduction="none")
        else:
            lost = functional.binary_cross_entropy(
                _clipped(torch, prediction), target, reduction="none"
            )
        return lost.mean(self.axis)


@LOSSES.register()
class CategoricalFocalCrossentropy(Loss):
    """Categorical cross-entropy that looks away from rows that are already right.

    Source: Lin et al., Focal Loss for Dense Object Detection, 2017.
    """

    forms: ClassVar = ("onehot", "distribution")
    link: ClassVar = "softmax"
    alpha: NonNegativeFloat = Field(0.25, description="Factor on the whole.")
    gamma: NonNegativeFloat = Field(2.0, description="How much to look away; 0 not at all.")
    from_logits: FromLogits = False
    label_smoothing: Smoothing = 0.0
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        if self.from_logits:
            prediction = torch.softmax(prediction, self.axis)
        share = _shares(torch, prediction, self.axis)
        lost = -_smoothed(target, self.label_smoothing) * torch.log(share)
        return (self.alpha * (1.0 - share) ** self.gamma * lost).sum(self.axis)


@LOSSES.register()
class BinaryFocalCrossentropy(Loss):
    """Binary cross-entropy that looks away from rows that are already right.

    Source: Lin et al., Focal Loss for Dense Object Detection, 2017.
    """

    forms: ClassVar = ("binary",)
    apart: ClassVar = True
    link: ClassVar = "sigmoid"
    apply_class_balancing: bool = Field(False, description="Weigh yes by alpha, no by 1 - alpha.")
    alpha: float = Field(0.25, ge=0, le=1, description="Weight of yes, if balanced.")
    gamma: NonNegativeFloat = Field(2.0, description="How much to look away; 0 not at all.")
    from_logits: FromLogits = False
    label_smoothing: Smoothing = 0.0
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        target = target * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing
        if self.from_logits:
            prediction = torch.sigmoid(prediction)
        lost = torch.nn.functional.binary_cross_entropy(
            _clipped(torch, prediction), target, reduction="none"
        )
        right = target * prediction + (1.0 - target) * (1.0 - prediction)
        lost = (1.0 - right) ** self.gamma * lost
        if self.apply_class_balancing:
            lost = (target * self.alpha + (1.0 - target) * (1.0 - self.alpha)) * lost
        return lost.mean(self.axis)


@LOSSES.register("kld", "KLD", "kullback_leibler_divergence")
class KLDivergence(Loss):
    """For a whole distribution over classes: the information that the prediction lacks."""

    forms: ClassVar = ("distribution", "onehot")
    link: ClassVar = "softmax"
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        wanted, found = (torch.clamp(x, EPSILON, 1.0) for x in (target, prediction))
        return (wanted * torch.log(wanted / found)).sum(-1)


def _margin(torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
    """Return how far each answer stays behind a margin of 1; 0 and 1 are read as -1 and 1."""
    zero_or_one = ((target == 0) | (target == 1)).all()
    sign = torch.where(zero_or_one, 2.0 * target - 1.0, target)
    return torch.clamp(1.0 - sign * prediction, min=0.0)


@LOSSES.register()
class Hinge(Loss):
    """For yes or no by a margin, as a support vector machine: linear or tanh outputs."""

    forms: ClassVar = ("binary",)
    apart: ClassVar = True
    cut: ClassVar = 0.0
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return _margin(torch, target, prediction).mean(-1)


@LOSSES.register()
class SquaredHinge(Loss):
    """The square of hinge: stricter with answers that are far off."""

    forms: ClassVar = ("binary",)
    apart: ClassVar = True
    cut: ClassVar = 0.0
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return torch.square(_margin(torch, target, prediction)).mean(-1)

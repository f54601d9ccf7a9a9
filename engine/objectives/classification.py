"""Losses of classification: cross-entropies, divergence and hinge losses."""

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


def _clip(torch: Torch, probability: Tensor) -> Tensor:
    return torch.clamp(probability, EPSILON, 1.0 - EPSILON)


def _normalize(torch: Torch, prediction: Tensor, axis: int) -> Tensor:
    """Return predictions divided by their sum over the classes, as in Keras' cross-entropies."""
    return _clip(torch, prediction / prediction.sum(axis, keepdim=True))


def _log_probability(torch: Torch, prediction: Tensor, axis: int, from_logits: bool) -> Tensor:
    if from_logits:
        return torch.log_softmax(prediction, axis)
    return torch.log(_normalize(torch, prediction, axis))


def _binary_crossentropy(torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
    probability = _clip(torch, prediction)
    return torch.nn.functional.binary_cross_entropy(probability, target, reduction="none")


def _smooth_labels(target: Tensor, smoothing: float) -> Tensor:
    return target * (1.0 - smoothing) + smoothing / target.shape[-1] if smoothing else target


@LOSSES.register()
class CategoricalCrossentropy(Loss):
    """Cross-entropy of one of several classes, for one-hot targets."""

    target_forms: ClassVar = ("onehot", "distribution")
    expected_activation: ClassVar = "softmax"
    from_logits: FromLogits = False
    label_smoothing: Smoothing = 0.0
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        log_probability = _log_probability(torch, prediction, self.axis, self.from_logits)
        return -(_smooth_labels(target, self.label_smoothing) * log_probability).sum(self.axis)


@LOSSES.register()
class SparseCategoricalCrossentropy(Loss):
    """Cross-entropy of one of several classes, for integer class indices."""

    target_forms: ClassVar = ("index",)
    expected_activation: ClassVar = "softmax"
    from_logits: FromLogits = False
    ignore_class: int | None = Field(None, description="Class index that is left out of the loss.")
    reduction: Reduction = "sum_over_batch_size"
    axis: Axis = -1

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        is_counted = self.target_mask(torch, target)
        index = target if is_counted is None else torch.where(is_counted, target, 0)
        log_probability = _log_probability(torch, prediction, self.axis, self.from_logits)
        index = index.unsqueeze(self.axis)
        loss = -torch.gather(log_probability, self.axis, index).squeeze(self.axis)
        return loss if is_counted is None else torch.where(is_counted, loss, 0.0)

    def target_mask(self, torch: Torch, target: Tensor) -> Tensor | None:
        return None if self.ignore_class is None else target != self.ignore_class


@LOSSES.register("bce", "BCE")
class BinaryCrossentropy(Loss):
    """Binary cross-entropy, for targets of 0 and 1."""

    target_forms: ClassVar = ("binary",)
    is_elementwise: ClassVar = True
    expected_activation: ClassVar = "sigmoid"
    from_logits: FromLogits = False
    label_smoothing: Smoothing = 0.0
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        target = target * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing
        functional = torch.nn.functional
        if self.from_logits:
            loss = functional.binary_cross_entropy_with_logits(prediction, target, reduction="none")
        else:
            loss = _binary_crossentropy(torch, target, prediction)
        return loss.mean(self.axis)


@LOSSES.register()
class CategoricalFocalCrossentropy(Loss):
    """Categorical cross-entropy with less weight on rows that are already classified well.

    Source: Lin et al., Focal Loss for Dense Object Detection, 2017.
    """

    target_forms: ClassVar = ("onehot", "distribution")
    expected_activation: ClassVar = "softmax"
    alpha: NonNegativeFloat = Field(0.25, description="Factor of the loss.")
    gamma: NonNegativeFloat = Field(2.0, description="Focusing exponent; 0 disables it.")
    from_logits: FromLogits = False
    label_smoothing: Smoothing = 0.0
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        if self.from_logits:
            prediction = torch.softmax(prediction, self.axis)
        probability = _normalize(torch, prediction, self.axis)
        loss = -_smooth_labels(target, self.label_smoothing) * torch.log(probability)
        return (self.alpha * (1.0 - probability) ** self.gamma * loss).sum(self.axis)


@LOSSES.register()
class BinaryFocalCrossentropy(Loss):
    """Binary cross-entropy with less weight on rows that are already classified well.

    Source: Lin et al., Focal Loss for Dense Object Detection, 2017.
    """

    target_forms: ClassVar = ("binary",)
    is_elementwise: ClassVar = True
    expected_activation: ClassVar = "sigmoid"
    apply_class_balancing: bool = Field(False, description="Use alpha as class weights.")
    alpha: float = Field(0.25, ge=0, le=1, description="Weight of positives, if balanced.")
    gamma: NonNegativeFloat = Field(2.0, description="Focusing exponent; 0 disables it.")
    from_logits: FromLogits = False
    label_smoothing: Smoothing = 0.0
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        target = target * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing
        if self.from_logits:
            prediction = torch.sigmoid(prediction)
        true_probability = target * prediction + (1.0 - target) * (1.0 - prediction)
        loss = _binary_crossentropy(torch, target, prediction)
        loss = (1.0 - true_probability) ** self.gamma * loss
        if self.apply_class_balancing:
            loss = (target * self.alpha + (1.0 - target) * (1.0 - self.alpha)) * loss
        return loss.mean(self.axis)


@LOSSES.register("kld", "KLD", "kullback_leibler_divergence")
class KLDivergence(Loss):
    """Kullback-Leibler divergence of the predicted from the target distribution."""

    target_forms: ClassVar = ("distribution", "onehot")
    expected_activation: ClassVar = "softmax"
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        p, q = (torch.clamp(x, EPSILON, 1.0) for x in (target, prediction))
        return (p * torch.log(p / q)).sum(-1)


def _hinge(torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
    """Return max(0, 1 - target * prediction); targets of 0 and 1 are converted to -1 and 1."""
    zero_or_one = ((target == 0) | (target == 1)).all()
    sign = torch.where(zero_or_one, 2.0 * target - 1.0, target)
    return torch.clamp(1.0 - sign * prediction, min=0.0)


@LOSSES.register()
class Hinge(Loss):
    """Hinge loss, as in a support vector machine; for linear or tanh outputs."""

    target_forms: ClassVar = ("binary",)
    is_elementwise: ClassVar = True
    decision_threshold: ClassVar = 0.0
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return _hinge(torch, target, prediction).mean(-1)


@LOSSES.register()
class SquaredHinge(Hinge):
    """Squared hinge loss, with more weight on large errors."""

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return torch.square(_hinge(torch, target, prediction)).mean(-1)

"""Losses of regression."""

from __future__ import annotations

from math import log
from typing import ClassVar

from pydantic import Field, PositiveFloat

from engine.objectives.loss import EPSILON, LOSSES, Axis, Loss, Reduction, TargetForm, Tensor, Torch

# As metrics these losses also accept probabilities, as in Keras (their mse is the Brier score).
NUMBER_FORMS: tuple[TargetForm, ...] = ("number", "binary", "onehot", "distribution")


def column_mean(values: Tensor) -> Tensor:
    """Return the mean along the last axis; of a single column, the mean would only be a copy."""
    return values.squeeze(-1).contiguous() if values.shape[-1] == 1 else values.mean(-1)


class _ElementwiseLoss(Loss):
    """Base class of losses that are the mean of the errors of single numbers."""

    target_forms: ClassVar = NUMBER_FORMS
    is_elementwise: ClassVar = True


@LOSSES.register("mean_squared_error", "MSE", name="mse")
class MeanSquaredError(_ElementwiseLoss):
    """Mean squared error, the default loss for numbers; sensitive to outliers."""

    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return column_mean(torch.nn.functional.mse_loss(prediction, target, reduction="none"))


@LOSSES.register("mean_absolute_error", "MAE", name="mae")
class MeanAbsoluteError(_ElementwiseLoss):
    """Mean absolute error, in the unit of the target; robust to outliers."""

    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return column_mean(torch.abs(prediction - target))


@LOSSES.register("mean_absolute_percentage_error", "MAPE", name="mape")
class MeanAbsolutePercentageError(_ElementwiseLoss):
    """Mean absolute error in percent of the target; dominated by targets near 0."""

    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        relative_error = (target - prediction) / torch.clamp(torch.abs(target), min=EPSILON)
        return 100.0 * column_mean(torch.abs(relative_error))


@LOSSES.register("mean_squared_logarithmic_error", "MSLE", name="msle")
class MeanSquaredLogarithmicError(_ElementwiseLoss):
    """Mean squared error of log(1 + value), for amounts of different magnitudes."""

    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        log_prediction, log_target = (
            torch.log(torch.clamp(x, min=EPSILON) + 1.0) for x in (prediction, target)
        )
        return column_mean(torch.square(log_prediction - log_target))


@LOSSES.register("huber_loss")
class Huber(_ElementwiseLoss):
    """Huber loss: squared for small errors, linear for large ones."""

    delta: PositiveFloat = Field(1.0, description="Error at which the loss becomes linear.")
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        error = torch.abs(prediction - target)
        linear = self.delta * error - 0.5 * self.delta**2
        return column_mean(torch.where(error <= self.delta, 0.5 * torch.square(error), linear))


@LOSSES.register("logcosh")
class LogCosh(_ElementwiseLoss):
    """Logarithm of the hyperbolic cosine of the error, similar to Huber."""

    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        error = prediction - target
        return column_mean(error + torch.nn.functional.softplus(-2.0 * error) - log(2.0))


@LOSSES.register()
class Poisson(_ElementwiseLoss):
    """Poisson loss for counts; the prediction is the expected count and must be positive."""

    expected_activation: ClassVar = "positive"
    can_be_negative: ClassVar = True
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return column_mean(prediction - target * torch.log(prediction + EPSILON))


@LOSSES.register()
class CosineSimilarity(Loss):
    """Negative cosine similarity of prediction and target."""

    can_be_negative: ClassVar = True
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return -cosine_similarity(torch, target, prediction, self.axis)


def cosine_similarity(torch: Torch, target: Tensor, prediction: Tensor, axis: int) -> Tensor:
    """Return the cosine similarity of two tensors along an axis; 0 if one of them is zero."""
    normalize = torch.nn.functional.normalize
    options = {"dim": axis, "eps": EPSILON}
    return (normalize(target, **options) * normalize(prediction, **options)).sum(axis)

"""Losses on numbers: how far a prediction lies from the value it should have."""

from __future__ import annotations

from math import log
from typing import ClassVar

from pydantic import Field, PositiveFloat

from engine.objectives.loss import EPSILON, LOSSES, Axis, Form, Loss, Reduction, Tensor, Torch

# As metrics they also measure probabilities, as Keras allows (mse on them is the Brier score).
NUMBERS: tuple[Form, ...] = ("number", "binary", "onehot", "distribution")


@LOSSES.register("mean_squared_error", "MSE", name="mse")
class MeanSquaredError(Loss):
    """Mean of squared errors: the usual loss for numbers, strict with outliers."""

    forms: ClassVar = NUMBERS
    apart: ClassVar = True
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return torch.square(prediction - target).mean(-1)


@LOSSES.register("mean_absolute_error", "MAE", name="mae")
class MeanAbsoluteError(Loss):
    """Mean of absolute errors: in the target's own unit, mild with outliers."""

    forms: ClassVar = NUMBERS
    apart: ClassVar = True
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return torch.abs(prediction - target).mean(-1)


@LOSSES.register("mean_absolute_percentage_error", "MAPE", name="mape")
class MeanAbsolutePercentageError(Loss):
    """Mean of absolute errors in percent of the target; targets near 0 count for too much."""

    forms: ClassVar = NUMBERS
    apart: ClassVar = True
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        share = (target - prediction) / torch.clamp(torch.abs(target), min=EPSILON)
        return 100.0 * torch.abs(share).mean(-1)


@LOSSES.register("mean_squared_logarithmic_error", "MSLE", name="msle")
class MeanSquaredLogarithmicError(Loss):
    """Mean of squared errors of log(1 + value): for amounts that span several magnitudes."""

    forms: ClassVar = NUMBERS
    apart: ClassVar = True
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        found, wanted = (torch.log(torch.clamp(x, min=EPSILON) + 1.0) for x in (prediction, target))
        return torch.square(found - wanted).mean(-1)


@LOSSES.register("huber_loss")
class Huber(Loss):
    """Squared for small errors, absolute for large ones."""

    forms: ClassVar = NUMBERS
    apart: ClassVar = True
    delta: PositiveFloat = Field(1.0, description="The error at which the square ends.")
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        error = torch.abs(prediction - target)
        far = self.delta * error - 0.5 * self.delta**2
        return torch.where(error <= self.delta, 0.5 * torch.square(error), far).mean(-1)


@LOSSES.register("logcosh")
class LogCosh(Loss):
    """Logarithm of the error's hyperbolic cosine: a smooth Huber."""

    forms: ClassVar = NUMBERS
    apart: ClassVar = True
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        error = prediction - target
        return (error + torch.nn.functional.softplus(-2.0 * error) - log(2.0)).mean(-1)


@LOSSES.register()
class Poisson(Loss):
    """For counts: the prediction is the expected number of events, so it has to be positive."""

    forms: ClassVar = NUMBERS
    apart: ClassVar = True
    link: ClassVar = "positive"
    signed: ClassVar = True
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return (prediction - target * torch.log(prediction + EPSILON)).mean(-1)


@LOSSES.register()
class CosineSimilarity(Loss):
    """Minus the cosine between prediction and target: direction counts, length does not."""

    signed: ClassVar = True
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return -cosine(torch, target, prediction, self.axis)


def cosine(torch: Torch, target: Tensor, prediction: Tensor, axis: int) -> Tensor:
    """Return the cosine between two tensors along an axis; 0 where one of them is all 0."""
    unit = torch.nn.functional.normalize
    along = {"dim": axis, "eps": EPSILON}
    return (unit(target, **along) * unit(prediction, **along)).sum(axis)

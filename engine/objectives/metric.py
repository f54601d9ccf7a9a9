"""Metrics and their registry, which includes the losses."""

from __future__ import annotations

from math import sqrt
from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from engine.core.registry import Registry
from engine.core.tensor_spec import Dim
from engine.objectives import classification, regression
from engine.objectives.loss import Axis, Better, Loss, Objective, TargetForm, Tensor, Torch

METRICS: Registry[Objective] = Registry("metric")
MetricField = METRICS.field_type(Objective)

for _loss, _names in (
    (regression.MeanAbsoluteError, ("mae", "mean_absolute_error", "MAE")),
    (regression.MeanSquaredError, ("mse", "mean_squared_error", "MSE")),
    (regression.MeanAbsolutePercentageError, ("mape", "mean_absolute_percentage_error", "MAPE")),
    (regression.MeanSquaredLogarithmicError, ("msle", "mean_squared_logarithmic_error", "MSLE")),
    (regression.Huber, ("huber",)),
    (regression.LogCosh, ("log_cosh", "logcosh", "LogCoshError")),
    (regression.Poisson, ("poisson",)),
    (classification.CategoricalCrossentropy, ("categorical_crossentropy",)),
    (classification.SparseCategoricalCrossentropy, ("sparse_categorical_crossentropy",)),
    (classification.BinaryCrossentropy, ("binary_crossentropy", "bce", "BCE")),
    (classification.CategoricalFocalCrossentropy, ("categorical_focal_crossentropy",)),
    (classification.BinaryFocalCrossentropy, ("binary_focal_crossentropy",)),
    (classification.KLDivergence, ("kl_divergence", "kld", "KLD")),
    (classification.Hinge, ("hinge",)),
    (classification.SquaredHinge, ("squared_hinge",)),
):
    METRICS.register(*_names[1:], name=_names[0])(_loss)

CLASS_FORMS: tuple[TargetForm, ...] = ("onehot", "distribution", "index")


class Metric(Objective):
    """Base class of metrics that are not losses; they ignore sample weights."""

    better: ClassVar[Better] = "higher"


class CountMetric(Metric):
    """Base class of metrics computed from counts, such as true positives, not as a mean."""

    def resolve_for(self, loss: Loss, shape: tuple[Dim, ...]) -> Objective | None:
        """Return `self` if this metric can be used for an output with this loss, else None.

        The metric must support the target form of the loss. Predictions must be probabilities.
        Why: the decision thresholds of these metrics are numbers from 0 to 1.
        """
        is_probability = loss.expected_activation in ("softmax", "sigmoid")
        return self if is_probability and loss.target_form in self.target_forms else None


@METRICS.register("acc")
class Accuracy(Metric):
    """Fraction of correct predictions: binary or categorical accuracy, depending on the loss."""

    target_forms: ClassVar = ("binary", *CLASS_FORMS)

    def resolve_for(self, loss: Loss, shape: tuple[Dim, ...]) -> Objective | None:
        """Return the accuracy metric for the target form of `loss`, None if no metric fits.

        Why: a choice by `shape`, as in Keras, is wrong for multi-label targets.
        """
        if loss.target_form == "binary":
            return BinaryAccuracy(threshold=loss.decision_threshold)
        if loss.target_form == "index":
            return SparseCategoricalAccuracy()
        return CategoricalAccuracy() if loss.target_form in self.target_forms else None


@METRICS.register()
class BinaryAccuracy(Metric):
    """Fraction of correct binary predictions."""

    target_forms: ClassVar = ("binary",)
    is_elementwise: ClassVar = True
    threshold: float = Field(0.5, description="A prediction above it is positive.")

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        correct = (prediction > self.threshold) == (target > 0.5)
        return correct.to(prediction.dtype).mean(-1)


@METRICS.register()
class CategoricalAccuracy(Metric):
    """Fraction of rows whose most probable class is correct, for one-hot targets."""

    target_forms: ClassVar = ("onehot", "distribution")

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return (prediction.argmax(-1) == target.argmax(-1)).to(prediction.dtype)


@METRICS.register()
class SparseCategoricalAccuracy(Metric):
    """Fraction of rows whose most probable class is correct, for integer class indices."""

    target_forms: ClassVar = ("index",)

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return (prediction.argmax(-1) == target).to(prediction.dtype)


@METRICS.register("sparse_top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy")
class TopKCategoricalAccuracy(Metric):
    """Fraction of rows whose correct class is among the k most probable ones."""

    target_forms: ClassVar = CLASS_FORMS
    k: PositiveInt = Field(5, description="Number of most probable classes.")

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        index = target.argmax(-1) if target.ndim == prediction.ndim else target
        score = torch.gather(prediction, -1, index.unsqueeze(-1))
        return ((prediction > score).sum(-1) < self.k).to(prediction.dtype)


@METRICS.register("rmse", "RMSE")
class RootMeanSquaredError(Metric):
    """Root of the mean squared error, in the unit of the target."""

    target_forms: ClassVar = regression.NUMBER_FORMS
    is_elementwise: ClassVar = True
    better: ClassVar[Better] = "lower"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return torch.square(prediction - target).mean(-1)

    def from_mean(self, mean: float) -> float:
        return sqrt(mean)


@METRICS.register()
class CosineSimilarity(Metric):
    """Cosine similarity of prediction and target; 1 means the same direction."""

    target_forms: ClassVar = regression.NUMBER_FORMS
    axis: Axis = -1

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return regression.cosine_similarity(torch, target, prediction, self.axis)


@METRICS.register("AUC")
class AUC(CountMetric):
    """Area under the ROC or precision-recall curve, over all thresholds."""

    target_forms: ClassVar = ("binary", *CLASS_FORMS)
    num_thresholds: int = Field(200, ge=3, description="Number of points on the curve.")
    curve: Literal["ROC", "PR"] = Field(
        "ROC", description="ROC: true against false positive rate; PR: precision against recall."
    )


@METRICS.register()
class Precision(CountMetric):
    """Fraction of positive predictions that are correct."""

    target_forms: ClassVar = ("binary", *CLASS_FORMS)
    thresholds: float = Field(0.5, ge=0, le=1, description="A prediction above it is positive.")


@METRICS.register()
class Recall(CountMetric):
    """Fraction of positive targets that are predicted as positive."""

    target_forms: ClassVar = ("binary", *CLASS_FORMS)
    thresholds: float = Field(0.5, ge=0, le=1, description="A prediction above it is positive.")


@METRICS.register("f1", name="f1_score")
class F1Score(CountMetric):
    """Harmonic mean of precision and recall. Of several classes, the most probable is predicted."""

    target_forms: ClassVar = ("binary", *CLASS_FORMS)
    # Keras' default None gives one number per class, which can't be plotted as one curve.
    average: Literal["micro", "macro", "weighted"] = Field(
        "macro",
        description="Average over the classes: of all counts, unweighted, or by class size.",
    )
    threshold: float = Field(
        0.5, gt=0, le=1, description="A prediction above it is positive, for binary outputs."
    )

    def resolve_for(self, loss: Loss, shape: tuple[Dim, ...]) -> Objective | None:
        """Return the metric for an output with this loss and shape.

        None if the metric can't be used with them, or if the number of classes is not fixed.
        """
        has_fixed_count = not shape or isinstance(shape[-1], int)
        return super().resolve_for(loss, shape) if has_fixed_count else None


@METRICS.register("r2", name="r2_score")
class R2Score(Metric):
    """Fraction of the target's variance that is explained; 0 is as good as predicting the mean."""

    target_forms: ClassVar = ("number",)
    class_aggregation: Literal["uniform_average", "variance_weighted_average"] = Field(
        "uniform_average", description="Average over the columns of the target."
    )

"""Metrics: what a head is measured by. Any loss may be used as one, too."""

from __future__ import annotations

from math import sqrt
from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from engine.core.registry import Registry
from engine.core.tensor_spec import Dim
from engine.objectives import classification, regression
from engine.objectives.loss import Axis, Better, Form, Loss, Objective, Tensor, Torch

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

CLASSES: tuple[Form, ...] = ("onehot", "distribution", "index")


class Metric(Objective):
    """Base of the metrics that are no losses; each entry counts once, whatever its weight."""

    better: ClassVar[Better] = "higher"


class Counter(Metric):
    """Base of the metrics that are no mean of values, but made of counts over all entries."""

    def fit(self, loss: Loss, shape: tuple[Dim, ...]) -> Objective | None:
        """Thresholds lie between 0 and 1, so only probabilities can be counted."""
        return self if loss.form in self.forms and loss.link in ("softmax", "sigmoid") else None


@METRICS.register("acc")
class Accuracy(Metric):
    """Share of right answers, in the way that fits the head."""

    forms: ClassVar = ("binary", *CLASSES)

    def fit(self, loss: Loss, shape: tuple[Dim, ...]) -> Objective | None:
        """Return by the loss, not by shapes: Keras takes several yes-or-no answers for classes."""
        if loss.form == "binary":
            return BinaryAccuracy(threshold=loss.cut)
        if loss.form == "index":
            return SparseCategoricalAccuracy()
        return CategoricalAccuracy() if loss.form in self.forms else None


@METRICS.register()
class BinaryAccuracy(Metric):
    """Share of right yes-or-no answers."""

    forms: ClassVar = ("binary",)
    apart: ClassVar = True
    threshold: float = Field(0.5, description="A prediction above it means yes.")

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        right = (prediction > self.threshold) == (target > 0.5)
        return right.to(prediction.dtype).mean(-1)


@METRICS.register()
class CategoricalAccuracy(Metric):
    """Share of rows whose likeliest class is right; the target has a column a class."""

    forms: ClassVar = ("onehot", "distribution")

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return (prediction.argmax(-1) == target.argmax(-1)).to(prediction.dtype)


@METRICS.register()
class SparseCategoricalAccuracy(Metric):
    """Share of rows whose likeliest class is right; the target is the class' number."""

    forms: ClassVar = ("index",)

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return (prediction.argmax(-1) == target).to(prediction.dtype)


@METRICS.register("sparse_top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy")
class TopKCategoricalAccuracy(Metric):
    """Share of rows whose right class is among the k likeliest."""

    forms: ClassVar = CLASSES
    k: PositiveInt = Field(5, description="How many classes to look at.")

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        index = target.argmax(-1) if target.ndim == prediction.ndim else target
        score = torch.gather(prediction, -1, index.unsqueeze(-1))
        return ((prediction > score).sum(-1) < self.k).to(prediction.dtype)


@METRICS.register("rmse", "RMSE")
class RootMeanSquaredError(Metric):
    """Root of the mean squared error: in the target's own unit."""

    forms: ClassVar = regression.NUMBERS
    apart: ClassVar = True
    better: ClassVar[Better] = "lower"

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return torch.square(prediction - target).mean(-1)

    def finish(self, mean: float) -> float:
        return sqrt(mean)


@METRICS.register()
class CosineSimilarity(Metric):
    """Cosine between prediction and target; 1 means the same direction."""

    forms: ClassVar = regression.NUMBERS
    axis: Axis = -1

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        return regression.cosine(torch, target, prediction, self.axis)


@METRICS.register("AUC")
class AUC(Counter):
    """Area under the curve: how well scores rank yes above no, whatever the threshold."""

    forms: ClassVar = ("binary", *CLASSES)
    num_thresholds: int = Field(200, ge=3, description="Number of points on the curve.")
    curve: Literal["ROC", "PR"] = Field(
        "ROC", description="True against false positives, or precision against recall."
    )


@METRICS.register()
class Precision(Counter):
    """Share of the answers yes that are right."""

    forms: ClassVar = ("binary", *CLASSES)
    thresholds: float = Field(0.5, ge=0, le=1, description="A prediction above it means yes.")


@METRICS.register()
class Recall(Counter):
    """Share of the true yes that are found."""

    forms: ClassVar = ("binary", *CLASSES)
    thresholds: float = Field(0.5, ge=0, le=1, description="A prediction above it means yes.")


@METRICS.register("f1", name="f1_score")
class F1Score(Counter):
    """Balance of precision and recall; of the likeliest class where one of several is right."""

    forms: ClassVar = ("binary", *CLASSES)
    # Keras' default is one number for each class, which no curve can show.
    average: Literal["micro", "macro", "weighted"] = Field(
        "macro", description="Count all together, or average classes, equal or by size."
    )
    threshold: float = Field(0.5, gt=0, le=1, description="Above it yes, if yes or no is asked.")

    def fit(self, loss: Loss, shape: tuple[Dim, ...]) -> Objective | None:
        """The classes are counted one by one, so their number has to be known."""
        known = not shape or isinstance(shape[-1], int)
        return super().fit(loss, shape) if known else None


@METRICS.register("r2", name="r2_score")
class R2Score(Metric):
    """Share of the target's variance that is explained; 0 is no better than the mean."""

    forms: ClassVar = ("number",)
    class_aggregation: Literal["uniform_average", "variance_weighted_average"] = Field(
        "uniform_average", description="How the columns of the target become one number."
    )

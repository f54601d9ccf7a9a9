"""Base classes of losses and metrics, and the registry of losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from engine.core.registry import Registry
from engine.core.schema import Schema
from engine.core.tensor_spec import Dim

Torch = Any  # an argument, not imported, so that checks start without torch
Tensor = Any

# The form of a target. "number" and "binary" are compared elementwise; "onehot" has one column per
# class, one of them 1; "distribution" has one column per class, with sum 1; "index" is an integer.
TargetForm = Literal["number", "index", "onehot", "binary", "distribution"]
ExpectedActivation = Literal["any", "softmax", "sigmoid", "positive"]
Better = Literal["lower", "higher"]

EPSILON = 1e-7  # Keras' constant against log(0) and division by 0

Reduction = Annotated[
    Literal["sum_over_batch_size", "mean", "sum", "mean_with_sample_weight"],
    Field(description="Reduction of the losses of a batch to one number."),
]
FromLogits = Annotated[
    bool, Field(description="Take logits instead of probabilities; needs a linear output.")
]
Smoothing = Annotated[
    float, Field(ge=0, le=1, description="Amount of label smoothing, from 0 to 1.")
]
Axis = Annotated[int, Field(description="Axis of the classes or features; -1 is the last.")]


class Objective(Schema):
    """Base class of losses and metrics, which compare predictions with targets.

    target_forms: the supported target forms; a loss uses the first one.
    better: whether lower or higher values are better.
    is_elementwise: True if `values` averages the elements of the last axis. A mask may then exclude
        single elements.
    """

    target_forms: ClassVar[tuple[TargetForm, ...]] = ("number",)
    better: ClassVar[Better] = "lower"
    is_elementwise: ClassVar[bool] = False

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        """Return the values of the loss or metric; `from_mean` converts their mean to the score.

        The result has the shape of `prediction` without one axis: the axis of the classes, or the
        last axis. Each value is computed from the numbers along this axis.
        Target and prediction have equal shapes, except that "index" targets have no class axis.
        """
        raise NotImplementedError(type(self).__name__)

    def target_mask(self, torch: Torch, target: Tensor) -> Tensor | None:
        """Return a mask that is False for targets to be ignored, or None to use all targets."""
        return None

    def from_mean(self, mean: float) -> float:
        """Return the score for `mean`, the mean of the values that the method `values` returns."""
        return mean

    def resolve_for(self, loss: Loss, shape: tuple[Dim, ...]) -> Objective | None:
        """Return `self`, adapted to an output with this loss and shape, or None if not possible."""
        return self if loss.target_form in self.target_forms else None


class Loss(Objective):
    """Base class of all losses.

    expected_activation: softmax, sigmoid, positive (an activation with positive outputs) or any.
    decision_threshold: a binary prediction above this value means yes.
    can_be_negative: True if the loss may be negative.
    """

    expected_activation: ClassVar[ExpectedActivation] = "any"
    decision_threshold: ClassVar[float] = 0.5
    can_be_negative: ClassVar[bool] = False

    if TYPE_CHECKING:  # declared by each loss, in Keras' order of arguments
        reduction: Reduction

    @property
    def target_form(self) -> TargetForm:
        """The form in which the loss takes targets, such as "onehot" or "index" (class index)."""
        return self.target_forms[0]

    @property
    def class_axis(self) -> int:
        """The axis of a prediction that holds its classes or features; -1 is the last axis."""
        return int(getattr(self, "axis", -1))

    @property
    def takes_logits(self) -> bool:
        """Whether the loss takes logits, the values before the activation."""
        return bool(getattr(self, "from_logits", False))

    @property
    def can_take_logits(self) -> bool:
        """Whether the loss has the field from_logits."""
        return "from_logits" in type(self).model_fields

    def with_logits(self, from_logits: bool) -> Loss:
        """Return the same loss for logits if `from_logits` is true, else for probabilities."""
        if from_logits == self.takes_logits:
            return self
        return self.model_copy(update={"from_logits": from_logits})

    def target_shape(self, shape: tuple[Dim, ...]) -> tuple[Dim, ...]:
        """Return the shape of one target. `shape` is the shape of one prediction."""
        if self.target_form != "index" or not shape:
            return shape
        axis = self.class_axis
        index = axis - 1 if axis > 0 else len(shape) + axis
        return (*shape[:index], *shape[index + 1 :])

    def resolve_for(self, loss: Loss, shape: tuple[Dim, ...]) -> Objective | None:
        """Return this loss as a metric for an output that is trained with `loss`.

        The metric takes probabilities, not logits. If this loss does not accept the target form of
        `loss`, such as class indices, return None. `shape` has no effect.
        """
        return self.with_logits(False) if loss.target_form in self.target_forms else None


LOSSES: Registry[Loss] = Registry("loss")
LossField = LOSSES.field_type(Loss)

"""What a loss is, and the family of all losses. The losses stand in the two files beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from engine.core.registry import Registry
from engine.core.schema import Schema
from engine.core.tensor_spec import Dim

Torch = Any  # handed in, never imported, so that checks and summaries do not pay for it
Tensor = Any

# How a target is written. "number" and "binary" compare value by value, "onehot" has a column a
# class with one 1, "distribution" a column a class that sum to 1, "index" the class' number.
Form = Literal["number", "index", "onehot", "binary", "distribution"]
Link = Literal["any", "softmax", "sigmoid", "positive"]
Better = Literal["lower", "higher"]

EPSILON = 1e-7  # Keras' guard against the logarithm of 0 and division by 0

Reduction = Annotated[
    Literal["sum_over_batch_size", "mean", "sum", "mean_with_sample_weight"],
    Field(description="How the losses of a batch become one number."),
]
FromLogits = Annotated[
    bool, Field(description="Take raw scores in place of probabilities; needs a linear output.")
]
Smoothing = Annotated[
    float, Field(ge=0, le=1, description="Share of certainty taken from the right class.")
]
Axis = Annotated[int, Field(description="The axis of the classes or features; -1 is the last.")]


class Objective(Schema):
    """Base of losses and metrics: something that compares predictions with targets.

    forms: the targets it can compare; the first one is what it asks for as a loss.
    better: which way it should go.
    apart: True if a value is the mean over the last axis, so that each cell there may be left out.
    """

    forms: ClassVar[tuple[Form, ...]] = ("number",)
    better: ClassVar[Better] = "lower"
    apart: ClassVar[bool] = False

    def values(self, torch: Torch, target: Tensor, prediction: Tensor) -> Tensor:
        """Return one value an entry, (batch, ...) without the last or class axis.

        Target and prediction have equal shapes, but an "index" target lacks the class axis.
        """
        raise NotImplementedError(type(self).__name__)

    def counted(self, torch: Torch, target: Tensor) -> Tensor | None:
        """Return True where a target counts, or None if all do."""
        return None

    def finish(self, mean: float) -> float:
        """Return the result for the mean of all values."""
        return mean

    def fit(self, loss: Loss, shape: tuple[Dim, ...]) -> Objective | None:
        """Return what measures a head of this loss and prediction shape, None if nothing can."""
        return self if loss.form in self.forms else None


class Loss(Objective):
    """Base of all losses.

    link: the activation whose answers it wants: softmax, sigmoid, one with positive answers, any.
    cut: the prediction from which a binary answer counts as yes.
    signed: True if it may be negative.
    """

    link: ClassVar[Link] = "any"
    cut: ClassVar[float] = 0.5
    signed: ClassVar[bool] = False

    if TYPE_CHECKING:  # each loss declares it, in Keras' order of arguments
        reduction: Reduction

    @property
    def form(self) -> Form:
        """The form of target that it asks for."""
        return self.forms[0]

    @property
    def class_axis(self) -> int:
        """The axis along which classes or features stand."""
        return int(getattr(self, "axis", -1))

    @property
    def takes_logits(self) -> bool:
        """True if it wants scores as they are before the activation."""
        return bool(getattr(self, "from_logits", False))

    @property
    def can_take_logits(self) -> bool:
        """True if it has a form that works on scores."""
        return "from_logits" in type(self).model_fields

    def with_logits(self, from_logits: bool) -> Loss:
        """Return the same loss, on scores or on probabilities."""
        if from_logits == self.takes_logits:
            return self
        return self.model_copy(update={"from_logits": from_logits})

    def target_shape(self, shape: tuple[Dim, ...]) -> tuple[Dim, ...]:
        """Return the shape of one target for the shape of one prediction, batch left out."""
        if self.form != "index" or not shape:
            return shape
        axis = self.class_axis
        place = axis - 1 if axis > 0 else len(shape) + axis
        return (*shape[:place], *shape[place + 1 :])

    def fit(self, loss: Loss, shape: tuple[Dim, ...]) -> Objective | None:
        """As a metric a loss sees probabilities, and is averaged over all entries."""
        return self.with_logits(False) if loss.form in self.forms else None


LOSSES: Registry[Loss] = Registry("loss")
LossField = LOSSES.field_type(Loss)

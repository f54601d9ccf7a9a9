"""Where a network begins and ends: Input takes a column in, Output says what is trained on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, NonNegativeFloat, PositiveInt

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.base import Layer, Tensor, Torch
from engine.objectives.loss import LossField
from engine.objectives.metric import MetricField


class Input(Layer):
    """Takes a column of the data into the network, or several side by side.

    Shapes: (shape), with a free length where shape is null.
    Source: keras.Input.
    """

    family = "io"
    words = ("source", "feature", "column", "placeholder")
    starts = {"shape": [64]}

    shape: tuple[PositiveInt | None, ...] = Field(
        description="Size of one row, batch left out; null where the length may differ."
    )
    dtype: Literal["float32", "int32"] = Field(
        "float32", description="float32 for measurements, int32 for ids."
    )

    def infer(self) -> TensorSpec:
        return self.spec("input")

    def spec(self, name: str) -> TensorSpec:
        """Return what comes out of the node called `name`, which its free axes are called by."""
        dims = (
            DynamicLength(name, axis) if dim is None else dim for axis, dim in enumerate(self.shape)
        )
        return TensorSpec(tuple(dims), self.dtype)


def _text_keys(value: object) -> object:
    """Understand class numbers as Keras writes them, {0: 1.0}; JSON has text keys only."""
    if isinstance(value, Mapping):
        return {str(key): weight for key, weight in value.items()}
    return value


# What is usually trained behind a layer with this curve; numbers have their squared error.
_USUAL = {
    "softmax": "categorical_crossentropy",
    **dict.fromkeys(("sigmoid", "hard_sigmoid", "sparse_sigmoid"), "binary_crossentropy"),
}


def usual_loss(layer: Layer) -> str | None:
    """Return the loss that an Output behind a layer begins with; None behind another Output."""
    return None if isinstance(layer, Output) else _USUAL.get(layer.curve(), "mse")


class Output(Layer):
    """Ends a head: what it predicts, which loss trains it, and what it is measured by.

    Shapes: x (...) -> (...), unchanged.
    Source: one entry of keras.Model.compile's loss, loss_weights and metrics.
    """

    family = "io"
    words = ("target", "head", "loss", "metric", "label", "prediction")
    mask_rule = "pass"

    loss: LossField | None = Field(
        None, description="What training makes small; null only predicts."
    )
    loss_weight: NonNegativeFloat = Field(1.0, description="Factor on the loss in the total.")
    metrics: tuple[MetricField, ...] = Field((), description="What to measure besides the loss.")
    class_weight: Annotated[
        dict[str, NonNegativeFloat] | Literal["balanced"] | None, BeforeValidator(_text_keys)
    ] = Field(
        None,
        description="Weight of each class in the loss, by label or number; balanced lets each "
        "count the same, however rare it is in the training rows.",
    )
    labels: tuple[str, ...] | None = Field(
        None, description="Names of the classes in order; no and yes for one answer."
    )
    unit: str = Field("", description="Unit of the number that is predicted, for reports.")
    missing: Literal["error", "mask"] = Field(
        "error", description="Rows without a target: refuse them, or let them train other outputs."
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        return x

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x

"""The Input and Output layers of a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, NonNegativeFloat, PositiveInt

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.base import Layer, Tensor, Torch
from engine.objectives.loss import LossField
from engine.objectives.metric import MetricField


class Input(Layer):
    """Input of the network: one or several columns of the data.

    Shapes: (shape), with a dynamic axis where shape is null.
    Source: keras.Input.
    """

    family = "io"
    words = ("source", "feature", "column", "placeholder")
    initial_params = {"shape": [64]}

    shape: tuple[PositiveInt | None, ...] = Field(
        description="Shape of one row without the batch; null for a dynamic length."
    )
    dtype: Literal["float32", "int32"] = Field(
        "float32", description="float32 for float values, int32 for ids."
    )

    def infer(self) -> TensorSpec:
        return self.output_spec("input")

    def output_spec(self, name: str) -> TensorSpec:
        """Return the output spec. Dynamic axes refer to the Input by `name`, the node's name."""
        axes = enumerate(self.shape)
        dims = (DynamicLength(name, axis) if dim is None else dim for axis, dim in axes)
        return TensorSpec(tuple(dims), self.dtype)


def _string_keys(value: object) -> object:
    """Convert integer keys of class weights, such as {0: 1.0} in Keras, to strings for JSON."""
    if isinstance(value, Mapping):
        return {str(key): weight for key, weight in value.items()}
    return value


# Default loss by the activation before the Output. For other activations, the default is mse.
_LOSS_BY_ACTIVATION = {
    "softmax": "categorical_crossentropy",
    **dict.fromkeys(("sigmoid", "hard_sigmoid", "sparse_sigmoid"), "binary_crossentropy"),
}


def default_loss(layer: Layer) -> str | None:
    """Return the default loss of an Output after `layer`, None if `layer` is itself an Output."""
    if isinstance(layer, Output):
        return None
    return _LOSS_BY_ACTIVATION.get(layer.output_activation(), "mse")


class Output(Layer):
    """Output of the network: its loss, metrics and class names.

    Shapes: x (...) -> (...), unchanged.
    Source: one entry of keras.Model.compile's loss, loss_weights and metrics.
    """

    family = "io"
    words = ("target", "head", "loss", "metric", "label", "prediction")
    mask_rule = "pass"

    loss: LossField | None = Field(
        None, description="Loss function; null for an output that only predicts."
    )
    loss_weight: NonNegativeFloat = Field(1.0, description="Weight of the loss in the total loss.")
    metrics: tuple[MetricField, ...] = Field((), description="Metrics to report besides the loss.")
    class_weight: Annotated[
        dict[str, NonNegativeFloat] | Literal["balanced"] | None, BeforeValidator(_string_keys)
    ] = Field(
        None,
        description="Weight of each class in the loss, by label or index; balanced weights "
        "each class inversely to its frequency in the training rows.",
    )
    labels: tuple[str, ...] | None = Field(
        None, description="Names of the classes in order; of no and yes for a binary output."
    )
    unit: str = Field("", description="Unit of the predicted number, for reports.")
    missing: Literal["error", "mask"] = Field(
        "error",
        description="Rows without a target: report an error, or mask them in this output's loss.",
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        return x

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x

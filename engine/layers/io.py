"""The Input and Output layers of a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, NonNegativeFloat, PositiveInt

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.base import Layer, Tensor, Torch
from engine.objectives.head import Head, class_count, class_index
from engine.objectives.loss import Loss, LossField, Objective
from engine.objectives.metric import METRICS, MetricField


class Input(Layer):
    """Input of the network: one or more columns of the data.

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


def default_objectives(layer: Layer) -> dict[str, Any]:
    """Return the default loss and metrics of an Output after `layer`, as fields of the Output.

    Return {} if `layer` is itself an Output.
    """
    if isinstance(layer, Output):
        return {}
    loss = _LOSS_BY_ACTIVATION.get(layer.output_activation(), "mse")
    return {"loss": loss, "metrics": ["mae" if loss == "mse" else "accuracy"]}


class Output(Layer):
    """Output of the network: its loss, metrics and class names.

    Shapes: x (...) -> (...), unchanged.
    Source: one entry of keras.Model.compile's loss, loss_weights and metrics.
    """

    family = "io"
    words = ("target", "head", "loss", "metric", "label", "prediction")
    mask_rule = "pass"

    loss: LossField | None = Field(
        None, description="Loss function; null: the output is not trained."
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
        None, description="Class names in order; for a binary output, those of 0 and 1."
    )
    unit: str = Field("", description="Unit of the predicted number, for reports.")
    missing: Literal["error", "mask"] = Field(
        "error",
        description="Rows without a target: raise an error, or mask them in this output's loss.",
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        return x

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x


def can_fold_activation(loss: Loss, activation: str, rank: int) -> bool:
    """Return whether `loss` can apply `activation` itself, which is numerically more stable.

    `rank` is the number of axes of a prediction, without the batch.
    """
    needs_probabilities = loss.can_take_logits and not loss.takes_logits
    on_last_axis = loss.class_axis in (-1, rank)
    return needs_probabilities and on_last_axis and activation == loss.expected_activation


def resolve_head(name: str, output: Output, spec: TensorSpec, activation: str) -> Head:
    """Return the head of an Output, whose input has this spec and activation.

    Metrics and class weights that don't fit are left out; `engine.check.heads` reports them.
    """
    loss = output.loss
    labels = output.labels or ()
    if loss is None:
        return Head(name, spec, activation=activation, labels=labels, unit=output.unit)
    fold = can_fold_activation(loss, activation, spec.rank)
    count = class_count(loss, spec.shape)
    return Head(
        name,
        spec,
        loss=loss.with_logits(True) if fold else loss,
        loss_weight=output.loss_weight,
        metrics=tuple(_metrics(output.metrics, loss, spec)),
        target_form=loss.target_form,
        target_shape=loss.target_shape(spec.shape),
        fold=fold,
        activation=activation,
        class_count=count,
        labels=labels,
        unit=output.unit,
        class_weight=_class_weights(output, count),
        balanced=output.class_weight == "balanced",
        missing=output.missing,
    )


def _metrics(
    metrics: tuple[Objective, ...], loss: Loss, spec: TensorSpec
) -> list[tuple[str, Objective]]:
    """Return (name, metric) of each metric that fits a loss. Names are unique: acc, acc_1."""
    named: list[tuple[str, Objective]] = []
    last_numbers: dict[str, int] = {}
    for metric in metrics:
        name = METRICS.name_of(metric)
        resolved = metric.resolve_for(loss, spec.shape)
        if resolved is not None:
            number = last_numbers[name] = last_numbers.get(name, -1) + 1
            named.append((f"{name}_{number}" if number else name, resolved))
    return named


def _class_weights(output: Output, count: int | None) -> tuple[float, ...]:
    if not isinstance(output.class_weight, dict) or count is None:
        return ()
    weights = [1.0] * count
    for key, weight in output.class_weight.items():
        index = class_index(key, count, output.labels or ())
        if index is not None and index < count:
            weights[index] = weight
    return tuple(weights)

"""Activation functions by their Keras names, and the Activation layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from engine.core.tensor_spec import TensorSpec
from engine.expression.elementwise_functions import ACTIVATIONS
from engine.layers.base import Layer, Tensor, Torch
from engine.layers.support.requirements import require_float

ActivationName = Literal[
    "linear", "relu", "sigmoid", "softmax", "tanh", "elu", "selu", "gelu", "silu", "softplus",
    "softsign", "leaky_relu", "relu6", "exponential", "hard_sigmoid", "hard_silu", "hard_tanh",
    "hard_shrink", "soft_shrink", "tanh_shrink", "celu", "mish", "squareplus", "sparse_plus",
    "sparse_sigmoid", "log_sigmoid", "log_softmax",
]  # fmt: skip


def _resolve_alias(value: object) -> object:
    """Return the activation name that Keras' alias None, swish or hard_swish stands for.

    Any other `value` is returned unchanged.
    """
    if value is None:
        return "linear"
    return {"swish": "silu", "hard_swish": "hard_silu"}.get(str(value), value)


ActivationField = Annotated[ActivationName, BeforeValidator(_resolve_alias)]

# Source: keras.activations on the torch backend.
_FUNCTIONS: dict[str, Callable[[Torch, Tensor], Tensor]] = {
    **ACTIVATIONS,
    "tanh": lambda torch, x: torch.tanh(x),
    "exponential": lambda torch, x: torch.exp(x),
    "softmax": lambda torch, x: torch.softmax(x, -1),
    "log_softmax": lambda torch, x: torch.log_softmax(x, -1),
}


def apply_activation(torch: Torch, activation: str, x: Tensor) -> Tensor:
    """Return the activation of `x`, elementwise (softmax: along the last axis)."""
    return x if activation == "linear" else _FUNCTIONS[activation](torch, x)


class Activation(Layer):
    """Applies an activation function.

    Shapes: x (...) -> (...), unchanged.
    Source: keras.layers.Activation.
    """

    family = "activation"
    words = ("nonlinearity", "relu", "softmax", "sigmoid", "tanh")
    mask_rule = "pass"
    initial_params = {"activation": "relu"}

    activation: ActivationField = Field(description="Activation function.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        require_float(x)
        return TensorSpec(x.shape)

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        return x

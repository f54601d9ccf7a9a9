"""Activation functions by their Keras names, and the Activation layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from engine.core.tensor_spec import TensorSpec
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

# One torch expression per activation, in a form that the source recorder can record.
# Source: keras.activations on the torch backend; gelu is the exact form, elu's alpha is 1.
_FUNCTIONS: dict[str, Callable[[Torch, Tensor], Tensor]] = {
    "relu": lambda torch, x: torch.relu(x),
    "sigmoid": lambda torch, x: torch.sigmoid(x),
    "softmax": lambda torch, x: torch.softmax(x, -1),
    "tanh": lambda torch, x: torch.tanh(x),
    "elu": lambda torch, x: torch.nn.functional.elu(x),
    "selu": lambda torch, x: torch.nn.functional.selu(x),
    "gelu": lambda torch, x: torch.nn.functional.gelu(x),
    "silu": lambda torch, x: torch.nn.functional.silu(x),
    "softplus": lambda torch, x: torch.nn.functional.softplus(x),
    "softsign": lambda torch, x: torch.nn.functional.softsign(x),
    "leaky_relu": lambda torch, x: torch.nn.functional.leaky_relu(x, 0.2),
    "relu6": lambda torch, x: torch.nn.functional.relu6(x),
    "exponential": lambda torch, x: torch.exp(x),
    "hard_sigmoid": lambda torch, x: torch.nn.functional.hardsigmoid(x),
    "hard_silu": lambda torch, x: torch.nn.functional.hardswish(x),
    "hard_tanh": lambda torch, x: torch.nn.functional.hardtanh(x),
    "hard_shrink": lambda torch, x: torch.nn.functional.hardshrink(x),
    "soft_shrink": lambda torch, x: torch.nn.functional.softshrink(x),
    "tanh_shrink": lambda torch, x: torch.nn.functional.tanhshrink(x),
    "celu": lambda torch, x: torch.nn.functional.celu(x),
    "mish": lambda torch, x: torch.nn.functional.mish(x),
    "squareplus": lambda torch, x: (x + torch.sqrt(x * x + 4)) / 2,
    "sparse_plus": lambda torch, x: torch.where(
        x <= -1, torch.zeros_like(x), torch.where(x < 1, (x + 1) ** 2 / 4, x)
    ),
    "sparse_sigmoid": lambda torch, x: torch.clamp((x + 1) / 2, 0, 1),
    "log_sigmoid": lambda torch, x: torch.nn.functional.logsigmoid(x),
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

"""Keras' activation functions by name, for modules that apply them internally, and Keras' PReLU.

PReLU has one slope per element, or slopes shared along axes (torch: one per channel).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional


def activation_function(name: str) -> Callable[[Tensor], Tensor]:
    """Return the activation function that Keras calls `name`.

    Why: `engine.layers.activation` has the same functions, but only for the activation after a
        layer. A recurrent layer applies activations within each time step, inside its module.
        A test compares both implementations.
    """
    return (
        _FUNCTIONS[name]
        if name in _FUNCTIONS
        else getattr(functional, _TORCH_NAMES.get(name, name))
    )


def _linear(x: Tensor) -> Tensor:
    return x


def _softmax(x: Tensor) -> Tensor:
    return torch.softmax(x, -1)


def _log_softmax(x: Tensor) -> Tensor:
    return torch.log_softmax(x, -1)


def _leaky_relu(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, 0.2)


def _squareplus(x: Tensor) -> Tensor:
    return (x + torch.sqrt(x * x + 4)) / 2


def _sparse_plus(x: Tensor) -> Tensor:
    quadratic = torch.where(x < 1, (x + 1) ** 2 / 4, x)
    return torch.where(x <= -1, torch.zeros_like(x), quadratic)


def _sparse_sigmoid(x: Tensor) -> Tensor:
    return torch.clamp((x + 1) / 2, 0, 1)


_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": _linear,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "exponential": torch.exp,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "leaky_relu": _leaky_relu,
    "squareplus": _squareplus,
    "sparse_plus": _sparse_plus,
    "sparse_sigmoid": _sparse_sigmoid,
}

# Names in torch.nn.functional by names in Keras, if they differ.
_TORCH_NAMES = {
    "hard_sigmoid": "hardsigmoid",
    "hard_silu": "hardswish",
    "hard_tanh": "hardtanh",
    "hard_shrink": "hardshrink",
    "soft_shrink": "softshrink",
    "tanh_shrink": "tanhshrink",
    "log_sigmoid": "logsigmoid",
}


class LearnedLeak(nn.Module):
    """Parametric ReLU: multiplies negative values by a learned slope.

    Shapes: x (batch, ...) -> the shape of x.
    Args:
        shape: shape of the slopes: the shape of x without the batch axis, with size 1 for axes
            along which slopes are shared.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        """Return the activation of `x`."""
        return torch.relu(x) - self.alpha * torch.relu(-x)

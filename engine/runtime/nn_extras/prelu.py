"""Keras' PReLU, with one slope per element, or slopes shared along axes (torch: per channel)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


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

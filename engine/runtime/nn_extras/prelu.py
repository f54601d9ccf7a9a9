"""Keras' PReLU, with a slope per element or shared along axes; torch's has one per channel."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class LearnedLeak(nn.Module):
    """Parametric ReLU: multiplies negative values by a learned slope.

    Shapes: x (batch, ...) -> (batch, ...), unchanged.
    Args:
        shape: of the slopes: that of x without the batch, 1 on axes along which they are shared.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        """Return the activation of `x`."""
        return torch.relu(x) - self.alpha * torch.relu(-x)

"""Keras' PReLU, whose slopes may differ from place to place; torch's differ by channel only."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class LearnedLeak(nn.Module):
    """Keeps positive values and multiplies negative ones by a learned slope.

    Shapes: x (batch, ...) -> (batch, ...), unchanged.
    Args:
        shape: of the slopes: x without its batch, 1 on axes along which one slope holds.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` bent."""
        return torch.relu(x) - self.alpha * torch.relu(-x)

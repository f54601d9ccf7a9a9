"""Keras' "same" padding, whose amount depends on how long a batch is."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SamePad(nn.Module):
    """Pads so that a window of any size and stride takes ceil(length / stride) places.

    An odd number of padded places leaves the larger half at the end.

    Shapes: x (batch, channels, length) or (batch, channels, height, width), the last axes padded.
    Args:
        reach, stride: of the window, one number per axis; reach counts the gaps of a dilated one.
        mode: what is padded with: "constant" for zeros, "replicate" for the value at the edge.
    """

    def __init__(
        self, reach: tuple[int, ...], stride: tuple[int, ...], mode: str = "constant"
    ) -> None:
        super().__init__()
        self.reach = reach
        self.stride = stride
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` padded."""
        pads: list[int] = []
        for length, stride, reach in zip(x.shape[2:], self.stride, self.reach, strict=True):
            places = (length + stride - 1) // stride
            missing = max(0, (places - 1) * stride + reach - length)
            pads = [missing // 2, missing - missing // 2, *pads]  # torch wants the last axis first
        return nn.functional.pad(x, pads, self.mode)


class UnpaddedAverage(nn.Module):
    """Averages windows over the values that are there: padding adds nothing and counts nothing.

    Args:
        pad: pads with zeros.
        pool: averages the padded windows.
    """

    def __init__(self, pad: nn.Module, pool: nn.Module) -> None:
        super().__init__()
        self.pad = pad
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        """Return the averages."""
        there = torch.ones_like(x[:1, :1])
        average: Tensor = self.pool(self.pad(x)) / self.pool(self.pad(there))
        return average

"""Keras' "same" padding for any stride and dynamic lengths; strided kernels of size 1."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class SamePad(nn.Module):
    """Pads an input so that a convolution or pooling has ceil(length / stride) outputs per axis.

    If the total padding is odd, the end gets one more element than the start.

    Shapes: x (batch, channels, length) or (batch, channels, height, width) -> x with padded length,
        or padded height and width.
    Args:
        reach, stride: size (including dilation) and stride of the window for each padded axis.
        mode: "constant" pads with zeros, "replicate" with the values at the edges.
    """

    def __init__(
        self, reach: tuple[int, ...], stride: tuple[int, ...], mode: str = "constant"
    ) -> None:
        super().__init__()
        self.reach = reach
        self.stride = stride
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        """Return the padded input."""
        pads: list[int] = []
        for length, stride, reach in zip(x.shape[2:], self.stride, self.reach, strict=True):
            output_length = (length + stride - 1) // stride
            missing = max(0, (output_length - 1) * stride + reach - length)
            pads = [
                missing // 2,
                missing - missing // 2,
                *pads,
            ]  # torch expects the last axis first
        return nn.functional.pad(x, pads, self.mode)


class StridedConv1d(nn.Conv1d):
    """A convolution with a kernel of size 1 and a stride.

    Shapes: x (batch, channels, length) -> (batch, filters, ceil(length / stride)).
    Why: the steps that the stride leaves are selected first, since oneDNN 3 writes outside of its
        memory in the backward pass of such a convolution if the input has less than 16 channels.
    Source: https://github.com/uxlfoundation/oneDNN/issues/6035.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the output of the convolution."""
        return functional.conv1d(x[:, :, :: self.stride[0]], self.weight, self.bias)


class StridedConv2d(nn.Conv2d):
    """A convolution with a kernel of size 1 and strides, for the reason of `StridedConv1d`.

    Shapes: x (batch, channels, height, width) -> (batch, filters, ceil(height / stride),
        ceil(width / stride)).
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the output of the convolution."""
        height, width = self.stride
        return functional.conv2d(x[:, :, ::height, ::width], self.weight, self.bias)


class UnpaddedAverage(nn.Module):
    """Average pooling that excludes the padding from sums and counts.

    Args:
        pad: module that pads an input with zeros.
        pool: module that pools the padded input.
    """

    def __init__(self, pad: nn.Module, pool: nn.Module) -> None:
        super().__init__()
        self.pad = pad
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        """Return the averages over the unpadded values of each window."""
        ones = torch.ones_like(x[:1, :1])  # their average is the unpadded part of a window
        average: Tensor = self.pool(self.pad(x)) / self.pool(self.pad(ones))
        return average

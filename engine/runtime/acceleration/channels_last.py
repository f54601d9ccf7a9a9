"""1D convolution and pooling in channels-last layout, computed by torch's 2D functions.

Why: a sequence is an image of height 1. For channels-last images, torch calls oneDNN, which needs
    no transposed copies.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn import functional


def set_channels_last(conv: nn.Conv1d) -> None:
    """Store the weight of a Conv1d in channels-last layout: (filters, window, channels) in memory.

    Why: `conv1d` needs this layout. Otherwise, the weight and its gradient would be transposed in
        every forward and backward pass, and again by the optimizer.
    """
    conv.weight.data = conv.weight.data.mT.contiguous().mT


def conv1d(conv: nn.Conv1d, x: Tensor, weight: Tensor | None = None) -> Tensor:
    """Return the output of a convolution, with another weight if one is given.

    Shapes: x (batch, length, channels) -> (batch, length', filters).
    """
    total_padding = conv.dilation[0] * (conv.kernel_size[0] - 1)
    padding = total_padding // 2 if conv.padding == "same" else _as_tuple(conv.padding)[0]
    stride = conv.stride[0]
    if conv.kernel_size[0] == 1:  # for the reason of StridedConv1d
        x, stride = x[:, ::stride], 1
    options = (1, stride), (0, padding), (1, *conv.dilation)
    kernel = (conv.weight if weight is None else weight).unsqueeze(2)
    image = functional.conv2d(_image(x), kernel, conv.bias, *options, conv.groups)
    return _sequence(image)


def pool1d(pool: nn.MaxPool1d | nn.AvgPool1d, x: Tensor) -> Tensor:
    """Return the output of a 1D pooling module.

    Shapes: x (batch, length, channels) -> (batch, windows, channels).
    """
    size, stride = (1, *_as_tuple(pool.kernel_size)), (1, *_as_tuple(pool.stride))
    is_max = isinstance(pool, nn.MaxPool1d)
    pooling = functional.max_pool2d if is_max else functional.avg_pool2d
    return _sequence(pooling(_image(x), size, stride))


def max_pool1d(x: Tensor, size: int, stride: int) -> tuple[Tensor, Tensor]:
    """Return the maximum of each pooling window, and the index of its first occurrence in `x`.

    Shapes: x (batch, length, channels) -> contiguous maxima and int32 indices along the length,
        both (batch, windows, channels).
    """
    maximum, position = functional.max_pool2d_with_indices(_image(x), (1, size), (1, stride))
    return _sequence(maximum).contiguous(), _sequence(position).int().contiguous()


def _image(x: Tensor) -> Tensor:
    """Return a view of a sequence as an image of height 1: (batch, channels, 1, length)."""
    return x.unsqueeze(1).movedim(-1, 1)


def _sequence(x: Tensor) -> Tensor:
    """Return a view of an image of height 1 as a sequence: (batch, length, channels)."""
    return x.movedim(1, -1).squeeze(1)


def _as_tuple(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)

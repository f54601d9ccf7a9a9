"""Sequences as images of one row, whose kernels take channels last."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from engine.runtime.acceleration import conv1d_backward
from engine.runtime.acceleration.autograd_function import applied


def lay_along(module: nn.Module) -> None:
    """Let a convolution's weight lie as the kernels read it: the channels of a place side by side.

    Why: else it is turned at each pass, and so is its gradient, and both again by the optimizer.
    """
    if isinstance(module, nn.Conv1d):
        module.weight.data = module.weight.data.mT.contiguous().mT


def conv_along(conv: nn.Conv1d, x: Tensor) -> Tensor:
    """Return what a convolution module does; see `convolved`."""
    whole = conv.dilation[0] * (conv.kernel_size[0] - 1)
    padding = whole // 2 if conv.padding == "same" else _numbers(conv.padding)[0]
    options = (conv.stride[0], padding, conv.dilation[0], conv.groups)
    return convolved(conv.weight, conv.bias, x, *options)


def convolved(
    weight: Tensor,
    bias: Tensor | None,
    x: Tensor,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Tensor:
    """Return a convolution along a sequence.

    Shapes: x (batch, length, channels) -> (batch, length', filters); neither is transposed.
    Source: oneDNN's convolutions, which torch calls for images with channels last.
    """
    image, kernel = _image(x), weight.unsqueeze(2)
    if conv1d_backward.PAYS and conv1d_backward.fits(weight, x, stride, groups):
        answer = applied(conv1d_backward.Tapped, image, kernel, bias, padding, dilation)
    else:
        answer = functional.conv2d(
            image, kernel, bias, (1, stride), (0, padding), (1, dilation), groups
        )
    return _sequence(answer)


def pooled(pool: nn.MaxPool1d | nn.AvgPool1d, x: Tensor) -> Tensor:
    """Return a pooling along a sequence; shapes as for `convolved`."""
    size, stride = (1, *_numbers(pool.kernel_size)), (1, *_numbers(pool.stride))
    largest = isinstance(pool, nn.MaxPool1d)
    pooling = functional.max_pool2d if largest else functional.avg_pool2d
    return _sequence(pooling(_image(x), size, stride))


def largest(x: Tensor, size: int, stride: int) -> tuple[Tensor, Tensor]:
    """Return the largest of each window along a sequence, and where it stands, the first of equals.

    Shapes: x (batch, length, channels) -> (batch, places, channels), contiguous; int32 places.
    """
    best, place = functional.max_pool2d_with_indices(_image(x), (1, size), (1, stride))
    return _sequence(best).contiguous(), _sequence(place).int().contiguous()


def _image(x: Tensor) -> Tensor:
    """Return (batch, channels, 1, length), the channels of a place side by side in memory."""
    return x.unsqueeze(1).movedim(-1, 1)


def _sequence(x: Tensor) -> Tensor:
    return x.movedim(1, -1).squeeze(1)


def _numbers(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)

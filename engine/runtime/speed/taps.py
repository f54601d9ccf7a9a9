"""A convolution along a sequence whose gradients are products of matrices.

A tap is a place of the window.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

# oneDNN has registers of 512 bits in mind: with those of 256 its own way back takes 1.1 times as
# long to the sequences, and 1.8 times to the kernel, for the network of posts.
PAYS = torch.backends.cpu.get_cpu_capability() == "AVX2"
_ROOM = 1 << 20  # numbers of windows at a time: more fall out of the cache before they are read
_WASTE = 9 / 8  # times the places that a sequence may be long for its ends to be multiplied, too


def fits(weight: Tensor, x: Tensor, stride: int, groups: int) -> bool:
    """Answer whether `Tapped` computes a convolution, and somebody will go back through it.

    What is compiled is left to the compiler, which has a way of its own.
    """
    if torch.compiler.is_compiling():
        return False
    plain = stride == groups == 1 and weight.dtype == x.dtype == torch.float32
    back = torch.is_grad_enabled() and weight.requires_grad
    cpu = x.device.type == "cpu" and not torch.is_autocast_enabled("cpu")
    return plain and back and cpu and len(x) > 0


class Tapped(Function):
    """A convolution of images of one row, channels last.

    Shapes: image (batch, channels, 1, length), kernel (filters, channels, 1, window) ->
        (batch, filters, 1, places).
    """

    @staticmethod
    def forward(
        ctx: Any, image: Tensor, kernel: Tensor, bias: Tensor | None, padding: int, dilation: int
    ) -> Tensor:
        """Convolve."""
        ctx.save_for_backward(image, kernel)
        ctx.padding, ctx.dilation, ctx.biased = padding, dilation, bias is not None
        return functional.conv2d(image, kernel, bias, 1, (0, padding), (1, dilation))

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        """Answer the gradients of image, kernel and bias."""
        image, kernel = ctx.saved_tensors
        edge, window = ctx.padding, kernel.shape[-1]
        x, d = (one.squeeze(2).mT.contiguous() for one in (image, given[0]))
        d_image = d_kernel = d_bias = None
        if ctx.needs_input_grad[0]:
            length = x.shape[1] + 2 * edge
            found = _of_sequences(d, kernel.squeeze(2), length, ctx.dilation)
            d_image = found[:, edge : length - edge].mT.unsqueeze(2)
        if ctx.needs_input_grad[1]:
            wide = functional.pad(x, (0, 0, edge, edge)) if edge else x  # it copies for nothing
            d_kernel = _of_kernel(wide, d, window, ctx.dilation).unsqueeze(2)
        if ctx.biased:
            d_bias = d.sum((0, 1))
        return d_image, d_kernel, d_bias, None, None


def _of_kernel(x: Tensor, d: Tensor, window: int, dilation: int) -> Tensor:
    """Answer the gradient of a kernel: one product of all that its windows met and what was said.

    Shapes: x (batch, length, channels), d (batch, places, filters) -> (filters, channels, window).
    Why: windows are copied, a few sequences at a time, since a long product of two wide matrices
        comes nearer to what the processor can do than many short ones.
    """
    (batch, places, filters), channels = d.shape, x.shape[2]
    found = x.new_zeros(window * channels, filters)
    for part in _parts(batch, places * window * channels):
        met = x[part].unfold(1, dilation * (window - 1) + 1, 1)[..., ::dilation].mT
        found.addmm_(met.reshape(-1, window * channels).t(), d[part].reshape(-1, filters))
    return found.t().contiguous().view(filters, window, channels).mT


def _of_sequences(d: Tensor, kernel: Tensor, length: int, dilation: int) -> Tensor:
    """Answer the gradient of sequences.

    Shapes: d (batch, places, filters), kernel (filters, channels, window) ->
        (batch, length, channels).
    """
    along = _as_one if length <= _WASTE * d.shape[1] else _by_place
    return along(d, kernel, length, dilation)


def _as_one(d: Tensor, kernel: Tensor, length: int, dilation: int) -> Tensor:
    """Do so tap by tap, with all sequences as one.

    Why: with as many places as x has, of which the last ones have no gradient, a tap is that one
        sequence some steps later. Nothing is gathered.
    """
    wide = functional.pad(d, (0, 0, 0, length - d.shape[1])).flatten(0, 1)
    found = wide @ kernel[..., 0]
    for tap in range(1, kernel.shape[-1]):
        later = tap * dilation
        found[later:].addmm_(wide[: len(wide) - later], kernel[..., tap])
    return found.view(len(d), length, -1)


def _by_place(d: Tensor, kernel: Tensor, length: int, dilation: int) -> Tensor:
    """Do so window by window, and add up where they overlap; where ends are much of a sequence."""
    (batch, places, _), (filters, channels, window) = d.shape, kernel.shape
    found, flat = d.new_zeros(batch, length, channels), kernel.mT.reshape(filters, -1)
    for part in _parts(batch, places * window * channels):
        windows = (d[part].flatten(0, 1) @ flat).view(-1, places, window, channels)
        for tap in range(window):
            found[part, tap * dilation : tap * dilation + places].add_(windows[:, :, tap])
    return found


def _parts(batch: int, size: int) -> Iterator[slice]:
    """Yield the rows of a batch, as many at a time as have room; `size` numbers for each."""
    few = max(1, _ROOM // size)
    return (slice(first, first + few) for first in range(0, batch, few))

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

# oneDNN has registers of 512 bits in mind: with those of 256 its own way back to a kernel takes 1.2
# to 2 times as long, and that to sequences 1.1 to 1.3 times, unless they are long.
PAYS = torch.backends.cpu.get_cpu_capability() == "AVX2"
_ROOM = 1 << 20  # numbers of windows at a time: more fall out of the cache before they are read
# A sequence counts as short that is so many times as long as it has places for windows. With more
# than so many places, with ends that are more than such a part of them, and with fewer channels or
# filters oneDNN is as fast or faster.
_ENDS, _LONG, _FEW, _BROAD = 9 / 8, 200, 16, 64


def fits(weight: Tensor, x: Tensor, stride: int, groups: int) -> bool:
    """Return whether `Tapped` computes a convolution, and somebody will go back through it.

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
        """Return the gradients of image, kernel and bias."""
        image, kernel = ctx.saved_tensors
        edge, dilation = ctx.padding, ctx.dilation
        x, d = (one.squeeze(2).mT.contiguous() for one in (image, given[0]))
        d_image = d_kernel = d_bias = None
        if ctx.needs_input_grad[0]:
            d_image = _of_images(d, image, kernel, edge, dilation)
        if ctx.needs_input_grad[1]:
            wide = functional.pad(x, (0, 0, edge, edge)) if edge else x  # it copies for nothing
            d_kernel = _of_kernel(wide, d, kernel.shape[-1], dilation).unsqueeze(2)
        if ctx.biased:
            d_bias = d.sum((0, 1))
        return d_image, d_kernel, d_bias, None, None


def _of_kernel(x: Tensor, d: Tensor, window: int, dilation: int) -> Tensor:
    """Return the gradient of a kernel: products of all that its windows met and what was said.

    Shapes: x (batch, length, channels), d (batch, places, filters) -> (filters, channels, window).
    """
    close = dilation == 1 and x.shape[1] <= _ENDS * d.shape[1]
    found = _by_turns(x, d, window) if close else _by_copies(x, d, window, dilation)
    return found.t().contiguous().view(d.shape[2], window, x.shape[2]).mT


def _by_turns(x: Tensor, d: Tensor, window: int) -> Tensor:
    """Return that gradient by windows that touch: those from 0 on, those from 1 on, and so forth.

    Shapes: x (batch, length, channels), d (batch, places, filters) -> (window * channels, filters).
    Why: windows that touch lie in memory as the rows of a matrix do, so none is copied. Some lead
        from a sequence into the next; what was said of these is zero.
    """
    (batch, length, channels), (_, places, filters) = x.shape, d.shape
    said = (_between_zeros(d, 0, length - places) if length > places else d).view(-1, filters)
    flat, size = x.view(-1), window * channels
    found = x.new_zeros(size, filters)
    for turn in range(window):
        count, first = (batch * length - turn) // window, turn * channels
        windows = flat[first : first + count * size].view(count, size)
        found.addmm_(windows.t(), said[turn::window][:count])
    return found


def _by_copies(x: Tensor, d: Tensor, window: int, dilation: int) -> Tensor:
    """Return that gradient by copies of all windows; shapes as for `_by_turns`.

    Why: windows are copied, a few sequences at a time, since a long product of two wide matrices
        comes nearer to what the processor can do than many short ones.
    """
    (batch, places, filters), channels = d.shape, x.shape[2]
    found = x.new_zeros(window * channels, filters)
    met = x.unfold(1, dilation * (window - 1) + 1, 1)[..., ::dilation].mT  # nothing is copied yet
    for rows, at in _parts(batch, places, window * channels):
        windows = met[rows, at].reshape(-1, window * channels)
        found.addmm_(windows.t(), d[rows, at].reshape(-1, filters))
    return found


def _of_images(d: Tensor, image: Tensor, kernel: Tensor, edge: int, dilation: int) -> Tensor:
    """Return the gradient of images in the way that is quickest for their size.

    Shapes: d (batch, places, filters), image (batch, channels, 1, length), kernel (filters,
        channels, 1, window) -> that of the image.
    """
    places, length = d.shape[1], image.shape[3]
    ends = dilation * (kernel.shape[3] - 1) - edge
    broad = min(kernel.shape[:2]) >= _BROAD
    if broad and length > _ENDS * places:
        found = _of_sequences(d, kernel.squeeze(2), length + 2 * edge, dilation)
        return found[:, edge : edge + length].mT.unsqueeze(2)
    if broad and places <= _LONG and 0 < ends <= places / _FEW:
        return _turned(d, kernel, ends, dilation)
    answers: list[Tensor] = torch.ops.aten.convolution_backward(
        d.mT.unsqueeze(2), image, kernel, None, (1, 1), (0, edge), (1, dilation), False, (0, 0),
        1, (True, False, False),
    )  # fmt: skip
    return answers[0]


def _of_sequences(d: Tensor, kernel: Tensor, length: int, dilation: int) -> Tensor:
    """Return the gradient of sequences: that of each window, added up where windows overlap.

    Shapes: d (batch, places, filters), kernel (filters, channels, window) ->
        (batch, length, channels), with what the sequences were padded by.
    """
    (batch, places, _), (filters, channels, window) = d.shape, kernel.shape
    found, flat = d.new_zeros(batch, length, channels), kernel.mT.reshape(filters, -1)
    for rows, at in _parts(batch, places, window * channels):
        said = d[rows, at]
        windows = (said @ flat).view(*said.shape[:2], window, channels)
        for tap in range(window):
            first = at.start + tap * dilation
            found[rows, first : first + said.shape[1]].add_(windows[:, :, tap])
    return found


def _turned(d: Tensor, kernel: Tensor, ends: int, dilation: int) -> Tensor:
    """Return the gradient of images: a convolution of what was said, with the kernel turned round.

    Shapes: d (batch, places, filters), kernel (filters, channels, 1, window) ->
        (batch, channels, 1, length).
    Why: oneDNN does the same, but lets windows hang over the ends; with zeros put there beforehand
        it takes up to a fifth less time.
    """
    wide = _between_zeros(d, ends, ends).mT.unsqueeze(2)
    turned = kernel.flip(3).transpose(0, 1).contiguous(memory_format=torch.channels_last)
    return functional.conv2d(wide, turned, dilation=(1, dilation))


def _between_zeros(d: Tensor, before: int, after: int) -> Tensor:
    """Return what was said with zeros before and after each sequence.

    Shapes: d (batch, places, filters) -> (batch, before + places + after, filters).
    Why: `pad` fills all of it with zeros before it copies.
    """
    batch, places, filters = d.shape
    found = d.new_empty(batch, before + places + after, filters)
    found[:, :before].zero_()
    found[:, before : before + places].copy_(d)
    found[:, before + places :].zero_()
    return found


def _parts(batch: int, places: int, size: int) -> Iterator[tuple[slice, slice]]:
    """Yield rows and places of a batch, as many as have room at a time; `size` numbers each."""
    few = max(1, _ROOM // (places * size))
    some = min(places, max(1, _ROOM // size))
    for row in range(0, batch, few):
        for place in range(0, places, some):
            yield slice(row, row + few), slice(place, place + some)

"""Fused 1D convolution and max pooling, whose backward pass visits only the argmax positions.

With windows x_p of the input, y[p, f] = w_f x_p + b_f and the pooled output m[q, f] = y[p*, f] at
the argmax position p* = p*(q, f), only y[p*, f] has a gradient, D[q, f]. So

    gradient of w_f = sum over q of D[q, f] x_{p*}
    gradient of x_{p*} += D[q, f] w_f

Steps: convolve, pool and save the argmax positions; in the backward pass compute both sums by
kernels, over the pooled positions alone. In global pooling, equal maxima share the gradient.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional

from engine.runtime.acceleration.autograd_function import apply_function
from engine.runtime.acceleration.channels_last import conv_along, convolved, largest
from engine.runtime.acceleration.deferred_embedding import DeferredEmbedding
from engine.runtime.acceleration.kernel_bindings import (
    TILE,
    WIDE,
    Kernels,
    Library,
    address,
    refuse_second,
    whole,
)

# Positions of up to as many equal maxima of a sequence are saved. With more, the backward pass is
# that of a convolution, which takes longer and, for long sequences, more memory.
_MAX_EQUAL = 16
_ARGMAX_PER_GROUP = 6  # at a position, summed up in registers: filters are grouped accordingly
_L1_STEPS = 100  # steps of a tile that fit in the L1 cache, together with their sums


class DeferredConv(NamedTuple):
    """A convolution that is deferred to the max pooling after it."""

    conv: nn.Conv1d
    x: Tensor | DeferredEmbedding

    def within(self, window: PoolWindow) -> DeferredConv:
        """Return the convolution without the words at the end that no pooling window covers.

        Why: their outputs are unused, and their gradients zero. Only ids are cut off: of embedded
            values, the rest would have to be copied. An id out of range among them raises no error
            here; the data check reports it before training.
        """
        conv, x = self
        if not (isinstance(x, DeferredEmbedding) and conv.stride == (1,) and conv.padding == (0,)):
            return self
        positions = x.ids.shape[1] - conv.dilation[0] * (conv.kernel_size[0] - 1)
        has_windows = 0 < window.size <= positions
        unused = (positions - window.size) % window.stride if has_windows else 0
        return self._replace(x=x._replace(ids=x.ids[:, :-unused])) if unused else self

    def convolved(self) -> Tensor:
        """Return the output of the convolution."""
        x = self.x.in_rows() if isinstance(self.x, DeferredEmbedding) else self.x
        return conv_along(self.conv, x)


class PoolWindow(NamedTuple):
    """The size and stride of a pooling window; size 0 is the whole sequence."""

    size: int = 0
    stride: int = 1


class FusedConvMaxPool(Function):
    """A convolution and the max pooling of its output.

    Shapes: x (batch, length, channels), or the words whose embedding is x, weight (filters,
        channels, window) -> (batch, pooled positions, filters).
    Why: only argmax positions have a gradient. With a pooling size of 5, the backward pass of the
        convolution has a fifth of the work, and a ReLU after it halves that again. The sums have
        the terms of torch's, without the zeros and in another order. Embedded words are used here
        only, so that their gradient can overwrite them.
    """

    @staticmethod
    def forward(
        ctx: Any, source: Tensor, weight: Tensor, bias: Tensor | None, window: PoolWindow,
        kernels: Kernels, words: DeferredEmbedding | None,
    ) -> Tensor:  # fmt: skip
        """Convolve, pool and save the argmax positions; `source` is x, or the table of words."""
        x = source if words is None else words.looked_up(kernels.spare)
        convolution = convolved(weight, bias, x)
        maximum, position = largest(convolution, window.size or convolution.shape[1], window.stride)
        # In global pooling, equal maxima share the gradient, as in torch.amax.
        is_maximum = None if window.size else convolution == maximum
        equal_count = 1 if is_maximum is None else int(is_maximum.sum(1).max())
        if is_maximum is not None and 1 < equal_count <= _MAX_EQUAL:
            position = _positions(is_maximum, equal_count)
        ctx.has_bias, ctx.is_dense = bias is not None, equal_count > _MAX_EQUAL
        ctx.kernels, ctx.words, ctx.is_released = kernels, words, False
        saved = (convolution, maximum) if ctx.is_dense else (position,)
        ctx.save_for_backward(x, weight, *saved)
        return maximum

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of the source, weight and bias.

        Raises:
            RuntimeError: if it runs a second time, after the memory of the embedded words was
                returned to the pool, or with `create_graph`.
        """
        refuse_second()
        if ctx.is_released:
            raise RuntimeError("the backward pass of a convolution has run once already")
        x, weight, *saved = ctx.saved_tensors
        words, spare = ctx.words, ctx.kernels.spare
        ctx.is_released = words is not None and spare is not None
        d, library = given[0].contiguous(), ctx.kernels.library
        if ctx.is_dense:
            d_x, d_weight = _dense_gradients(x, weight, d, *saved)
        else:
            gradient_at = _gradient_at_positions(d, *saved)
            d_weight = _weight_gradient(library, x, weight, *gradient_at)
            # Embedded words are not read again: their gradient overwrites them.
            d_x = x if ctx.is_released else torch.empty_like(x)
            if ctx.needs_input_grad[0]:
                _fill_input_gradient(library, d_x, weight, *gradient_at)
        d_source = d_x if ctx.needs_input_grad[0] else None
        if words is not None and d_source is not None:
            d_source = words.gradient(d_source, library)
        if ctx.is_released:
            spare.give(x)
        d_bias = d.sum((0, 1)) if ctx.has_bias else None
        return d_source, d_weight, d_bias, None, None, None


def _positions(is_maximum: Tensor, count: int) -> Tensor:
    """Return the positions of equal maxima in ascending order, padded with -1.

    Shapes: is_maximum (batch, length, filters) -> (batch, count, filters).
    """
    row, position, filter_index = is_maximum.nonzero(as_tuple=True)
    ranks = is_maximum.cumsum(1, dtype=torch.int8)  # from 1, at each maximum
    rank = ranks[row, position, filter_index].long() - 1
    shape = (is_maximum.shape[0], count, is_maximum.shape[2])
    positions = torch.full(shape, -1, dtype=torch.int32)
    positions[row, rank, filter_index] = position.int()
    return positions


def _gradient_at_positions(d: Tensor, position: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradient of each maximum, divided equally among equal ones, and its position."""
    if d.shape == position.shape:
        return d, position
    is_valid = position >= 0
    gradient = torch.where(is_valid, d / is_valid.sum(1, keepdim=True), 0)
    return gradient, position.clamp(min=0)


def _weight_gradient(
    library: Library, x: Tensor, weight: Tensor, d: Tensor, position: Tensor
) -> Tensor:
    """Return the gradient of the weight.

    The kernel moves nonzero gradients to the front, so it gets copies of gradients and positions.
    """
    batch, length, channels = x.shape
    filters, _, window = weight.shape
    # Short sequences are concatenated, as many as fit in the L1 cache; positions are shifted.
    joined = max(n for n in range(1, max(1, _L1_STEPS // length) + 1) if batch % n == 0)
    start = torch.arange(batch, dtype=position.dtype) % joined * length
    gradients, positions = (
        tensor.view(batch // joined, -1, filters).mT.clone(memory_format=torch.contiguous_format)
        for tensor in (d, position + start.view(-1, 1, 1))
    )
    tiles = x.new_zeros(-(-channels // TILE), filters, window, TILE)
    library.winners_weight(
        *whole(batch // joined, joined * length, channels, window, gradients.shape[2], filters),
        address(x), address(gradients), address(positions), address(tiles),
    )  # fmt: skip
    return tiles.movedim(0, -2).flatten(-2)[..., :channels].mT


def _fill_input_gradient(
    library: Library, d_x: Tensor, weight: Tensor, d: Tensor, position: Tensor
) -> None:
    filters, channels, window = weight.shape
    padded = weight.mT if channels % TILE == 0 else functional.pad(weight.mT, (0, -channels % TILE))
    tiles = padded.reshape(filters, window, -1, TILE).movedim(2, 0).contiguous()
    batch, length, _ = d_x.shape
    argmax_count = int(d.count_nonzero()) // batch  # per row
    group = _ARGMAX_PER_GROUP * length * filters // (argmax_count + 1) + 1  # filters
    library.winners_input(
        *whole(*d_x.shape, window, d.shape[1], filters, group), address(tiles), address(d),
        address(position), address(d_x),
    )  # fmt: skip


def _dense_gradients(
    x: Tensor, weight: Tensor, d: Tensor, convolution: Tensor, maximum: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the gradients of x and weight by torch, over all positions; equal maxima share."""
    is_maximum = (convolution == maximum).to(d.dtype)
    d_convolution = is_maximum / is_maximum.sum(1, keepdim=True) * d
    with torch.enable_grad():
        inputs = x.detach().requires_grad_(), weight.detach().requires_grad_()
        output = convolved(inputs[1], None, inputs[0])
    d_x, d_weight = torch.autograd.grad(output, inputs, d_convolution)
    return d_x, d_weight


def fits(conv: nn.Module, x: Tensor | DeferredEmbedding) -> bool:
    """Return whether the kernels support a convolution of `x`, in training (with gradients)."""
    values = x.table if isinstance(x, DeferredEmbedding) else x
    return (
        isinstance(conv, nn.Conv1d)
        and conv.stride == conv.dilation == (1,)
        and conv.groups == 1
        and conv.padding == (0,)
        and conv.out_channels % WIDE == 0
        and conv.in_channels >= WIDE
        and values.dtype == conv.weight.dtype == torch.float32
        and values.device.type == "cpu"
        and not torch.is_autocast_enabled("cpu")
        and torch.is_grad_enabled()
        and len(x.ids if isinstance(x, DeferredEmbedding) else x) > 0
    )


def adds(words: DeferredEmbedding) -> bool:
    """Return whether the kernels support the gradient of an embedding."""
    return words.ids.dim() == 2 and words.table.shape[1] % WIDE == 0


def pooled_winners(given: DeferredConv, window: PoolWindow, kernels: Kernels) -> Tensor:
    """Return the max pooling of a deferred convolution."""
    conv, x = given
    if isinstance(x, DeferredEmbedding) and not adds(x):
        x = x.in_rows()
    words = x if isinstance(x, DeferredEmbedding) else None
    source = x.table if isinstance(x, DeferredEmbedding) else x.contiguous()
    pooled: Tensor = apply_function(
        FusedConvMaxPool, source, conv.weight, conv.bias, window, kernels, words
    )
    return pooled

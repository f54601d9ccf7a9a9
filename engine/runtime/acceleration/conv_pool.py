"""Fused 1D convolution and max pooling; its backward pass visits only the argmax positions.

The convolution computes y[p, f] = w_f x_p + b_f. Here x_p is the window of the input at position p,
and w_f and b_f are the weight and bias of filter f. Max pooling computes m[q, f] = y[p*, f]. Here
p* = p*(q, f) is the argmax position in the pooling window q. Only these y[p*, f] have a gradient.
With D[q, f], the gradient of m[q, f]:

    gradient of w_f = sum over q of D[q, f] x_{p*}
    gradient of x_{p*} += D[q, f] w_f

The forward pass convolves, pools and saves the argmax positions. In the backward pass, compiled
kernels compute both sums over these positions only. In global pooling, a filter may have its
maximum at several positions, which share the gradient equally.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd import Function

from engine.runtime.acceleration.channels_last import conv1d, max_pool1d
from engine.runtime.acceleration.embedding import Words
from engine.runtime.acceleration.operators import VECTOR_SIZE

# Positions of up to this many equal maxima per sequence are saved. If there are more, the backward
# pass is that of a convolution, which takes longer and, for long sequences, more memory.
_MAX_EQUAL = 16


class PoolWindow(NamedTuple):
    """The size and stride of a pooling window; a window of size 0 covers the entire sequence."""

    size: int = 0
    stride: int = 1


class DeferredConv(NamedTuple):
    """A convolution of x that is not computed yet, to be fused with the max pooling after it."""

    conv: nn.Conv1d
    x: Tensor | Words

    def trim(self, window: PoolWindow) -> DeferredConv:
        """Return the convolution without the last input steps that only unused outputs depend on.

        Why: no pooling window covers these outputs. If the input is words, its last ids are cut off
            before they are looked up. If it is a tensor, it stays whole, which saves a copy.
            An invalid id that is cut off raises no error here, but the data check reports it.
        """
        conv, x = self
        if not (isinstance(x, Words) and conv.stride == (1,) and conv.padding == (0,)):
            return self
        positions = x.ids.shape[1] - conv.dilation[0] * (conv.kernel_size[0] - 1)
        has_windows = 0 < window.size <= positions
        unused = (positions - window.size) % window.stride if has_windows else 0
        return self._replace(x=x._replace(ids=x.ids[:, :-unused])) if unused else self

    def input(self) -> Tensor:
        """Return the input of the convolution; words are looked up."""
        return self.x.look_up() if isinstance(self.x, Words) else self.x

    def compute(self) -> Tensor:
        """Return the output of the convolution."""
        return conv1d(self.conv, self.input())


def supports(deferred: DeferredConv) -> bool:
    """Return True if the kernels support a convolution, and if autograd is enabled."""
    conv, x = deferred
    values, rows = (x.table, x.ids) if isinstance(x, Words) else (x, x)
    return (
        conv.stride == conv.dilation == (1,)
        and conv.groups == 1
        and conv.padding == (0,)
        and conv.out_channels % VECTOR_SIZE == 0
        and conv.in_channels >= VECTOR_SIZE
        and values.dtype == conv.weight.dtype == torch.float32
        and values.device.type == "cpu"
        and not torch.is_autocast_enabled("cpu")
        and torch.is_grad_enabled()
        and len(rows) > 0
    )


def conv_max_pool(deferred: DeferredConv, window: PoolWindow) -> Tensor:
    """Return the max pooling of a convolution (batch, windows, filters)."""
    x, conv = deferred.input().contiguous(), deferred.conv
    pooled: Tensor = _ConvMaxPool.apply(x, conv.weight, conv.bias, conv, window)  # type: ignore[no-untyped-call]
    return pooled


class _ConvMaxPool(Function):
    """An autograd function: a convolution, and the max pooling of its output.

    Shapes: x (batch, length, channels), weight (filters, channels, window) ->
        (batch, pooled positions, filters).
    Why: only argmax positions have a gradient. With a pooling size of 5, the backward pass of the
        convolution has a fifth of the work, and about a tenth if a ReLU follows the pooling. The
        sums have the same terms as in torch, in another order and without zeros.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        conv: nn.Conv1d,
        window: PoolWindow,
    ) -> Tensor:
        convolution = conv1d(conv, x)
        maximum, position = max_pool1d(
            convolution, window.size or convolution.shape[1], window.stride
        )
        # In global pooling, equal maxima share the gradient, as in torch.amax.
        is_maximum = None if window.size else convolution == maximum
        equal_count = 1 if is_maximum is None else int(is_maximum.sum(1).max())
        if is_maximum is not None and 1 < equal_count <= _MAX_EQUAL:
            position = _positions(is_maximum, equal_count)
        ctx.has_bias, ctx.is_dense, ctx.conv = bias is not None, equal_count > _MAX_EQUAL, conv
        ctx.save_for_backward(x, weight, *((is_maximum,) if ctx.is_dense else (position,)))
        return maximum

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradient of each argument of `forward`, None for those after the bias."""
        (x, weight, saved), d = ctx.saved_tensors, given[0].contiguous()
        d_x = None
        if ctx.is_dense:
            d_x, d_weight = _dense_gradients(ctx.conv, x, weight, saved, d)
        else:
            operators, gradient_at = torch.ops.layerloom, _gradient_at_positions(d, saved)
            d_weight = operators.maxima_weight_gradient(x, *gradient_at, weight.shape[2])
            if ctx.needs_input_grad[0]:
                d_x = operators.maxima_input_gradient(weight, *gradient_at, x.shape[1])
        return d_x, d_weight, d.sum((0, 1)) if ctx.has_bias else None, None, None


def _positions(is_maximum: Tensor, count: int) -> Tensor:
    """Return the ascending positions of the maxima along `length`, padded with -1 to `count`.

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
    """Return the gradient at each argmax position of a max pooling, and these positions.

    `d` is the gradient of the pooled output. If `position` has one position per value of `d`,
    return `d` and `position` unchanged. Otherwise, `position` has several equal maxima per value,
    padded with -1 (see `_positions`). Equal maxima share the gradient equally, and each -1 becomes
    position 0 with a gradient of 0.
    """
    if d.shape == position.shape:
        return d, position
    is_valid = position >= 0
    gradient = torch.where(is_valid, d / is_valid.sum(1, keepdim=True), 0)
    return gradient, position.clamp(min=0)


def _dense_gradients(
    conv: nn.Conv1d, x: Tensor, weight: Tensor, is_maximum: Tensor, d: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the gradients of `x` and `weight`, computed by the backward pass of `conv`.

    Used if too many positions have the maximum. The gradient `d` of a maximum is divided equally
    among the positions that have it.
    """
    d_convolution = is_maximum / is_maximum.sum(1, keepdim=True) * d
    with torch.enable_grad():
        inputs = x.detach().requires_grad_(), weight.detach().requires_grad_()
        d_x, d_weight = torch.autograd.grad(conv1d(conv, *inputs), inputs, d_convolution)
    return d_x, d_weight

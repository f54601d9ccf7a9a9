"""Fused 1D convolution and max pooling; its backward pass visits only the argmax positions.

The convolution computes y[p, f] = w_f x_p + b_f. Here x_p is the window of the input at position p,
and w_f and b_f are the weight and bias of filter f. Max pooling computes m[q, f] = y[p*, f]. Here
p* = p*(q, f) is the argmax position in the pooling window q. Only these y[p*, f] have a gradient.
Let D[q, f] be the gradient of m[q, f]. Then:

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
from torch.nn import functional

from engine.runtime.acceleration import kernel_bindings
from engine.runtime.acceleration.autograd_function import apply_function
from engine.runtime.acceleration.channels_last import apply_conv, conv1d, max_pool1d
from engine.runtime.acceleration.deferred_embedding import DeferredEmbedding
from engine.runtime.acceleration.kernel_bindings import TILE, Kernels, Library, address, int64s

# Positions of up to this many equal maxima per sequence are saved. If there are more, the backward
# pass is that of a convolution, which takes longer and, for long sequences, more memory.
_MAX_EQUAL = 16
_ARGMAX_PER_GROUP = 6  # mean number of argmax entries per position within a group of filters
_L1_STEPS = 100  # time steps of a tile that fit in the L1 cache together with their sums


class DeferredConv(NamedTuple):
    """A convolution of x that is not computed yet, to be fused with the max pooling after it."""

    conv: nn.Conv1d
    x: Tensor | DeferredEmbedding

    def trim(self, window: PoolWindow) -> DeferredConv:
        """Return the convolution without the last input steps that only unused outputs depend on.

        Why: no pooling window covers these outputs. If the input `x` is a deferred embedding, its
            last token ids are cut off. If `x` is a tensor, it stays whole, which saves a copy.
            An invalid id that is cut off raises no error here, but the data check reports it.
        """
        conv, x = self
        if not (isinstance(x, DeferredEmbedding) and conv.stride == (1,) and conv.padding == (0,)):
            return self
        positions = x.ids.shape[1] - conv.dilation[0] * (conv.kernel_size[0] - 1)
        has_windows = 0 < window.size <= positions
        unused = (positions - window.size) % window.stride if has_windows else 0
        return self._replace(x=x._replace(ids=x.ids[:, :-unused])) if unused else self

    def compute(self) -> Tensor:
        """Return the output of the convolution."""
        x = self.x.batch_major() if isinstance(self.x, DeferredEmbedding) else self.x
        return apply_conv(self.conv, x)


class PoolWindow(NamedTuple):
    """The size and stride of a pooling window; a window of size 0 covers the entire sequence."""

    size: int = 0
    stride: int = 1


class FusedConvMaxPool(Function):
    """An autograd function: a convolution, and the max pooling of its output.

    Shapes: x (batch, length, channels) or a deferred embedding of this shape, weight (filters,
        channels, window) -> (batch, pooled positions, filters).
    Why: only argmax positions have a gradient. With a pooling size of 5, the backward pass of the
        convolution has a fifth of the work, and about a tenth if a ReLU follows the pooling. The
        sums have the same terms as in torch, in another order and without zeros. A deferred
        embedding is looked up in `forward`. No other code uses the looked-up values, so their
        gradient can overwrite them.
    """

    @staticmethod
    def forward(
        ctx: Any, source: Tensor, weight: Tensor, bias: Tensor | None, window: PoolWindow,
        kernels: Kernels, words: DeferredEmbedding | None,
    ) -> Tensor:  # fmt: skip
        """Return the max-pooled convolution of the input: (batch, pooled positions, filters).

        Without `words`, `source` is the input, of shape (batch, length, channels). With `words`,
        the input is the embedding of these words, and `source` is their embedding table.
        """
        x = source if words is None else words.look_up_detached(kernels.pool)
        convolution = conv1d(weight, bias, x)
        maximum, position = max_pool1d(
            convolution, window.size or convolution.shape[1], window.stride
        )
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
        """Return the gradient of each argument of `forward`, None for those after the bias.

        Args:
            given: one tensor, the gradient of the output.

        Raises:
            RuntimeError: if `create_graph` is set, or if an earlier call has freed the input.
        """
        kernel_bindings.require_first_derivative()
        if ctx.is_released:
            raise RuntimeError("the backward pass of a convolution has run once already")
        x, weight, *saved = ctx.saved_tensors
        words, pool = ctx.words, ctx.kernels.pool
        ctx.is_released = words is not None and pool is not None
        d, library = given[0].contiguous(), ctx.kernels.library
        if ctx.is_dense:
            d_x, d_weight = _dense_gradients(x, weight, d, *saved)
        else:
            gradient_at = _gradient_at_positions(d, *saved)
            d_weight = _weight_gradient(library, x, weight, *gradient_at)
            # Embedded words are not read again, so their gradient overwrites them.
            d_x = x if ctx.is_released else torch.empty_like(x)
            if ctx.needs_input_grad[0]:
                _fill_input_gradient(library, d_x, weight, *gradient_at)
        d_source = d_x if ctx.needs_input_grad[0] else None
        if words is not None and d_source is not None:
            d_source = words.gradient(d_source, library)
        if ctx.is_released:
            pool.free(x)
        d_bias = d.sum((0, 1)) if ctx.has_bias else None
        return d_source, d_weight, d_bias, None, None, None


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


def _weight_gradient(
    library: Library, x: Tensor, weight: Tensor, d: Tensor, position: Tensor
) -> Tensor:
    """Return the gradient of `weight`, the weight of the convolution.

    `position` has the argmax positions of the pooling. `d` has the output gradient at each of these
    positions. The kernel gets copies of `position` and `d`, because it reorders them in place.
    """
    batch, length, channels = x.shape
    filters, _, window = weight.shape
    # As many short sequences as fit in the L1 cache are concatenated, and positions shifted.
    joined = max(n for n in range(1, max(1, _L1_STEPS // length) + 1) if batch % n == 0)
    start = torch.arange(batch, dtype=position.dtype) % joined * length
    gradients, positions = (
        tensor.view(batch // joined, -1, filters).mT.clone(memory_format=torch.contiguous_format)
        for tensor in (d, position + start.view(-1, 1, 1))
    )
    tiles = x.new_zeros(-(-channels // TILE), filters, window, TILE)
    library.winners_weight(
        *int64s(batch // joined, joined * length, channels, window, gradients.shape[2], filters),
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
        *int64s(*d_x.shape, window, d.shape[1], filters, group), address(tiles), address(d),
        address(position), address(d_x),
    )  # fmt: skip


def _dense_gradients(
    x: Tensor, weight: Tensor, d: Tensor, convolution: Tensor, maximum: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the gradients of `x` and `weight`, computed by the backward pass of a convolution.

    Used if too many positions have the maximum. `maximum` is the maximum of `convolution` over
    all positions. Its gradient `d` is divided equally among the positions that have the maximum.
    """
    is_maximum = (convolution == maximum).to(d.dtype)
    d_convolution = is_maximum / is_maximum.sum(1, keepdim=True) * d
    with torch.enable_grad():
        inputs = x.detach().requires_grad_(), weight.detach().requires_grad_()
        output = conv1d(inputs[1], None, inputs[0])
    d_x, d_weight = torch.autograd.grad(output, inputs, d_convolution)
    return d_x, d_weight


def supports(conv: nn.Module, x: Tensor | DeferredEmbedding) -> bool:
    """Return True if the kernels support the convolution of `x`, and if autograd is enabled."""
    values = x.table if isinstance(x, DeferredEmbedding) else x
    return (
        isinstance(conv, nn.Conv1d)
        and conv.stride == conv.dilation == (1,)
        and conv.groups == 1
        and conv.padding == (0,)
        and conv.out_channels % kernel_bindings.VECTOR_SIZE == 0
        and conv.in_channels >= kernel_bindings.VECTOR_SIZE
        and values.dtype == conv.weight.dtype == torch.float32
        and values.device.type == "cpu"
        and not torch.is_autocast_enabled("cpu")
        and torch.is_grad_enabled()
        and len(x.ids if isinstance(x, DeferredEmbedding) else x) > 0
    )


def supports_embedding(words: DeferredEmbedding) -> bool:
    """Return whether the compiled kernels can compute the gradient of the embedding `words`."""
    return words.ids.dim() == 2 and words.table.shape[1] % kernel_bindings.VECTOR_SIZE == 0


def fused_max_pool(given: DeferredConv, window: PoolWindow, kernels: Kernels) -> Tensor:
    """Compute the convolution `given`, and return its max pooling; `kernels` compute gradients."""
    conv, x = given
    if isinstance(x, DeferredEmbedding) and not supports_embedding(x):
        x = x.batch_major()
    words = x if isinstance(x, DeferredEmbedding) else None
    source = x.table if isinstance(x, DeferredEmbedding) else x.contiguous()
    pooled: Tensor = apply_function(
        FusedConvMaxPool, source, conv.weight, conv.bias, window, kernels, words
    )
    return pooled

"""A convolution and the pooling after it, whose backward pass touches only what won."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional

from engine.runtime.acceleration.autograd_function import applied
from engine.runtime.acceleration.channels_last import conv_along, convolved, largest
from engine.runtime.acceleration.deferred_embedding import Words
from engine.runtime.acceleration.kernel_bindings import (
    TILE,
    WIDE,
    Kernels,
    Library,
    address,
    refuse_second,
    whole,
)

# As many equals among the largest values of a sequence have their places kept. With more the way
# back goes through all places, which takes longer and, in long sequences, more memory.
_EQUALS = 16
_AT_ONCE = 6  # winners at a place whose sum is kept in registers: filters are grouped accordingly
_NEAR = 100  # steps of a tile that the nearest cache holds, beside what is summed


class Unpooled(NamedTuple):
    """A convolution that the pooling after it will compute."""

    conv: nn.Conv1d
    x: Tensor | Words

    def within(self, window: Window) -> Unpooled:
        """Return the same without the words at the end that no window of the pooling meets.

        Why: nobody reads what would be made of them, and its gradient is zero. Of numbers instead
            of words, the rest would have to be copied. Nobody looks at these ids any more, either,
            so one without a row is not noticed; they are checked before (`data.audit`).
        """
        conv, x = self
        if not (isinstance(x, Words) and conv.stride == (1,) and conv.padding == (0,)):
            return self
        places = x.ids.shape[1] - conv.dilation[0] * (conv.kernel_size[0] - 1)
        over = (places - window.size) % window.stride if 0 < window.size <= places else 0
        return self._replace(x=x._replace(ids=x.ids[:, :-over])) if over else self

    def convolved(self) -> Tensor:
        """Return what the convolution itself does."""
        return conv_along(self.conv, self.x.in_rows() if isinstance(self.x, Words) else self.x)


class Window(NamedTuple):
    """What is pooled at once; a size of 0 is the whole sequence."""

    size: int = 0
    stride: int = 1


class Winners(Function):
    """The largest value of each window of what a convolution answers.

    Shapes: x (batch, length, channels), or words whose rows are x, weight (filters, channels,
        window) -> (batch, places, filters).
    Why: all that did not win has no gradient. A pooling of five leaves a fifth of the work of the
        convolution's backward pass, and a curve that is flat below zero halves it again. It adds
        the same products as torch does, in another order, and leaves out zeros. The rows of words
        are nobody else's, so their gradient takes their place.
    """

    @staticmethod
    def forward(
        ctx: Any, source: Tensor, weight: Tensor, bias: Tensor | None, window: Window,
        kernels: Kernels, words: Words | None,
    ) -> Tensor:  # fmt: skip
        """Convolve, pool, and remember who won; `source` is x, or the table of words."""
        x = source if words is None else words.looked_up(kernels.spare)
        spoken = convolved(weight, bias, x)
        best, place = largest(spoken, window.size or spoken.shape[1], window.stride)
        # The largest of a whole sequence shares its gradient with its equals, as torch.amax does.
        won = None if window.size else spoken == best
        most = 1 if won is None else int(won.sum(1).max())
        if won is not None and 1 < most <= _EQUALS:
            place = _places(won, most)
        ctx.biased, ctx.dense = bias is not None, most > _EQUALS
        ctx.kernels, ctx.words, ctx.spent = kernels, words, False
        ctx.save_for_backward(x, weight, *((spoken, best) if ctx.dense else (place,)))
        return best

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of the source, weight and bias.

        Raises:
            RuntimeError: words were gone back through before, and only once was asked for.
        """
        refuse_second()
        if ctx.spent:
            raise RuntimeError("the words of a convolution were gone back through once already")
        x, weight, *kept = ctx.saved_tensors
        words, spare = ctx.words, ctx.kernels.spare
        ctx.spent = words is not None and spare is not None
        d, library = given[0].contiguous(), ctx.kernels.library
        if ctx.dense:
            d_x, d_weight = _through_all(x, weight, d, *kept)
        else:
            shares = _shared(d, *kept)
            d_weight = _weight_gradient(library, x, weight, *shares)
            # Nobody will read the rows of words again.
            d_x = x if ctx.spent else torch.empty_like(x)
            if ctx.needs_input_grad[0]:
                _fill_input_gradient(library, d_x, weight, *shares)
        d_source = d_x if ctx.needs_input_grad[0] else None
        if words is not None and d_source is not None:
            d_source = words.gradient(d_source, library)
        if ctx.spent:
            spare.give(x)
        d_bias = d.sum((0, 1)) if ctx.biased else None
        return d_source, d_weight, d_bias, None, None, None


def _places(won: Tensor, most: int) -> Tensor:
    """Return where a sequence's largest stand, one after the other, -1 where there are no more.

    Shapes: won (batch, length, filters) -> (batch, most, filters).
    """
    row, place, one = won.nonzero(as_tuple=True)
    turn = won.cumsum(1, dtype=torch.int8)[row, place, one].long() - 1
    found = torch.full((won.shape[0], most, won.shape[2]), -1, dtype=torch.int32)
    found[row, turn, one] = place.int()
    return found


def _shared(d: Tensor, place: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradient of each winner, and where it stands; of equals, an equal share."""
    if d.shape == place.shape:
        return d, place
    stands = place >= 0
    share = torch.where(stands, d / stands.sum(1, keepdim=True), 0)
    return share, place.clamp(min=0)


def _weight_gradient(
    library: Library, x: Tensor, weight: Tensor, d: Tensor, place: Tensor
) -> Tensor:
    """Return the gradient of the weight. The kernel puts what is not zero first, in the copies."""
    batch, length, channels = x.shape
    filters, _, window = weight.shape
    # Short sequences share a sum, as many as fill the nearest cache.
    few = max(n for n in range(1, max(1, _NEAR // length) + 1) if batch % n == 0)
    begin = torch.arange(batch, dtype=place.dtype) % few * length
    by, at = (
        one.view(batch // few, -1, filters).mT.clone(memory_format=torch.contiguous_format)
        for one in (d, place + begin.view(-1, 1, 1))
    )
    found = x.new_zeros(-(-channels // TILE), filters, window, TILE)
    library.winners_weight(
        *whole(batch // few, few * length, channels, window, by.shape[2], filters),
        address(x), address(by), address(at), address(found),
    )  # fmt: skip
    return found.movedim(0, -2).flatten(-2)[..., :channels].mT


def _fill_input_gradient(
    library: Library, d_x: Tensor, weight: Tensor, d: Tensor, place: Tensor
) -> None:
    """Put the gradient of x where `d_x` is."""
    filters, channels, window = weight.shape
    laid = weight.mT if channels % TILE == 0 else functional.pad(weight.mT, (0, -channels % TILE))
    tiles = laid.reshape(filters, window, -1, TILE).movedim(2, 0).contiguous()
    batch, length, _ = d_x.shape
    winners = int(d.count_nonzero()) // batch
    group = _AT_ONCE * length * filters // (winners + 1) + 1
    library.winners_input(
        *whole(*d_x.shape, window, d.shape[1], filters, group), address(tiles), address(d),
        address(place), address(d_x),
    )  # fmt: skip


def _through_all(
    x: Tensor, weight: Tensor, d: Tensor, spoken: Tensor, best: Tensor
) -> tuple[Tensor, Tensor]:
    """Go back through every place, equal ones sharing the gradient."""
    won = (spoken == best).to(d.dtype)
    d_spoken = won / won.sum(1, keepdim=True) * d
    with torch.enable_grad():
        own, window = x.detach().requires_grad_(), weight.detach().requires_grad_()
        answer = convolved(window, None, own)
    d_x, d_weight = torch.autograd.grad(answer, (own, window), d_spoken)
    return d_x, d_weight


def fits(conv: nn.Module, x: Tensor | Words) -> bool:
    """Return whether the kernels take a convolution, fed with `x`; there must be a way back."""
    numbers = x.table if isinstance(x, Words) else x
    return (
        isinstance(conv, nn.Conv1d)
        and conv.stride == conv.dilation == (1,)
        and conv.groups == 1
        and conv.padding == (0,)
        and conv.out_channels % WIDE == 0
        and conv.in_channels >= WIDE
        and numbers.dtype == conv.weight.dtype == torch.float32
        and numbers.device.type == "cpu"
        and not torch.is_autocast_enabled("cpu")
        and torch.is_grad_enabled()
        and len(x.ids if isinstance(x, Words) else x) > 0
    )


def adds(words: Words) -> bool:
    """Return whether the kernels add up what is said of words."""
    return words.ids.dim() == 2 and words.table.shape[1] % WIDE == 0


def pooled_winners(given: Unpooled, window: Window, kernels: Kernels) -> Tensor:
    """Return the pooling of a convolution that is still to be computed."""
    conv, x = given
    if isinstance(x, Words) and not adds(x):
        x = x.in_rows()
    words = x if isinstance(x, Words) else None
    source = x.table if isinstance(x, Words) else x.contiguous()
    answer: Tensor = applied(Winners, source, conv.weight, conv.bias, window, kernels, words)
    return answer

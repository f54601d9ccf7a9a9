"""A convolution and the pooling after it, whose backward pass touches only what won."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional

from engine.runtime.speed.channels_last import convolved, largest
from engine.runtime.speed.library import TILE, WIDE, Kernels, Library, address, refuse_second, whole
from engine.runtime.speed.words import Words

# Of the largest values of a sequence, those that are gone back through one by one. More take a way
# back through all places, at 45 MB more in posts; one step in eighty has up to nine.
_EQUALS = 16
_NEAR = 100  # steps of a tile that the nearest cache holds, beside what is summed


class Unpooled(NamedTuple):
    """A convolution that the pooling after it will compute."""

    conv: nn.Conv1d
    x: Tensor | Words


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
        ctx.biased, ctx.dense = bias is not None, most > _EQUALS
        ctx.kernels, ctx.words, ctx.spent = kernels, words, False
        equals = [place] if won is None or most < 2 else _places(won, most)
        ctx.save_for_backward(x, weight, *((spoken, best) if ctx.dense else equals))
        return best

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        """Answer the gradients of the source, weight and bias.

        Raises:
            RuntimeError: words were gone back through before, and only once was asked for.
        """
        refuse_second()
        if ctx.spent:
            raise RuntimeError("the words of a convolution were gone back through once already")
        x, weight, *equals = ctx.saved_tensors
        words, spare = ctx.words, ctx.kernels.spare
        ctx.spent = words is not None and spare is not None
        d, library = given[0].contiguous(), ctx.kernels.library
        if ctx.dense:
            d_x, d_weight = _through_all(x, weight, d, *equals)
        else:
            pairs = list(_shared(d, equals))
            d_weight = reduce(
                Tensor.add_, (_weight_gradient(library, x, weight, *pair) for pair in pairs)
            )
            # Nobody will read the rows of words again.
            d_x = x if ctx.spent else torch.empty_like(x)
            if ctx.needs_input_grad[0]:
                _fill_input_gradient(library, d_x, weight, pairs)
        d_source = d_x if ctx.needs_input_grad[0] else None
        if words is not None and d_source is not None:
            d_source = words.gradient(d_source, library)
        if ctx.spent:
            spare.give(x)
        d_bias = d.sum((0, 1)) if ctx.biased else None
        return d_source, d_weight, d_bias, None, None, None


def _places(won: Tensor, most: int) -> list[Tensor]:
    """Answer where the first of a sequence's largest stand, the second and so on, -1 for none."""
    found = []
    for _ in range(min(most, _EQUALS)):
        place = won.to(torch.uint8).argmax(1, keepdim=True)
        found.append(torch.where(won.gather(1, place), place, -1).int())
        won = won.scatter(1, place, False)
    return found


def _shared(d: Tensor, equals: list[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the gradient of each of some equals, and where they stand."""
    if len(equals) == 1:
        yield d, equals[0]
        return
    count = sum((place >= 0).to(d.dtype) for place in equals)
    for place in equals:
        yield torch.where(place >= 0, d / count, 0), place.clamp(min=0)


def _weight_gradient(
    library: Library, x: Tensor, weight: Tensor, d: Tensor, place: Tensor
) -> Tensor:
    batch, length, channels = x.shape
    filters, _, window = weight.shape
    # Short sequences share a sum, as many as fill the nearest cache.
    few = max(n for n in range(1, max(1, _NEAR // length) + 1) if batch % n == 0)
    begin = torch.arange(batch, dtype=place.dtype) % few * length
    by, at = (
        one.view(batch // few, -1, filters).mT.contiguous()
        for one in (d, place + begin.view(-1, 1, 1))
    )
    found = x.new_zeros(-(-channels // TILE), filters, window, TILE)
    library.winners_weight(
        *whole(batch // few, few * length, channels, window, by.shape[2], filters),
        address(x), address(by), address(at), address(found),
    )  # fmt: skip
    return found.movedim(0, -2).flatten(-2)[..., :channels].mT


def _fill_input_gradient(
    library: Library, d_x: Tensor, weight: Tensor, pairs: list[tuple[Tensor, Tensor]]
) -> None:
    """Put the gradient of x where `d_x` is; of several pairs, the sum."""
    filters, channels, window = weight.shape
    laid = weight.mT if channels % TILE == 0 else functional.pad(weight.mT, (0, -channels % TILE))
    tiles = laid.reshape(filters, window, -1, TILE).movedim(2, 0).contiguous()
    for count, (d, place) in enumerate(pairs):
        found = torch.empty_like(d_x) if count else d_x
        library.winners_input(
            *whole(*d_x.shape, window, d.shape[1], filters), address(tiles), address(d),
            address(place), address(found),
        )  # fmt: skip
        if count:
            d_x.add_(found)


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
    """Answer whether the kernels take a convolution, fed with `x`; there must be a way back."""
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
    """Answer whether the kernels add up what is said of words."""
    return words.ids.dim() == 2 and words.table.shape[1] % WIDE == 0


def pooled_winners(given: Unpooled, window: Window, kernels: Kernels) -> Tensor:
    """Answer the pooling of a convolution that is still to be computed."""
    conv, x = given
    words = x if isinstance(x, Words) else None
    source = x.table if isinstance(x, Words) else x.contiguous()
    answer: Tensor = Winners.apply(  # type: ignore[no-untyped-call]
        source, conv.weight, conv.bias, window, kernels, words
    )
    return answer

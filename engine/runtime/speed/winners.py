"""A convolution and the pooling after it, whose backward pass touches only what won."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional

from engine.runtime.speed.channels_last import convolved, largest
from engine.runtime.speed.library import TILE, WIDE, Library, address, refuse_second, whole

_EQUALS = 4  # of the largest values of a sequence that are gone back through one by one
_NEAR = 100  # steps of a tile that the nearest cache holds, beside what is summed


class Unpooled(NamedTuple):
    """A convolution that the pooling after it will compute."""

    conv: nn.Conv1d
    x: Tensor


class Window(NamedTuple):
    """What is pooled at once; a size of 0 is the whole sequence."""

    size: int = 0
    stride: int = 1


class Winners(Function):
    """The largest value of each window of what a convolution answers.

    Shapes: x (batch, length, channels), weight (filters, channels, window) -> (batch, places,
        filters).
    Why: all that did not win has no gradient. A pooling of five leaves a fifth of the work of the
        convolution's backward pass, and a curve that is flat below zero halves it again. It adds
        the same products as torch does, in another order, and leaves out zeros.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, window: Window,
        library: Library,
    ) -> Tensor:  # fmt: skip
        """Convolve, pool, and remember who won."""
        spoken = convolved(weight, bias, x)
        best, place = largest(spoken, window.size or spoken.shape[1], window.stride)
        # The largest of a whole sequence shares its gradient with its equals, as torch.amax does.
        won = None if window.size else spoken == best
        most = 1 if won is None else int(won.sum(1).max())
        ctx.library, ctx.biased, ctx.dense = library, bias is not None, most > _EQUALS
        equals = [place] if won is None or most < 2 else _places(won, most)
        ctx.save_for_backward(x, weight, *((spoken, best) if ctx.dense else equals))
        return best

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        """Answer the gradients of x, weight and bias."""
        refuse_second()
        x, weight, *equals = ctx.saved_tensors
        d = given[0].contiguous()
        d_bias = d.sum((0, 1)) if ctx.biased else None
        if ctx.dense:
            return *_through_all(x, weight, d, *equals), d_bias, None, None
        d_x = d_weight = None
        for each, place in _shared(d, equals):
            one = _weight_gradient(ctx.library, x, weight, each, place)
            d_weight = one if d_weight is None else d_weight + one
            if ctx.needs_input_grad[0]:
                one = _input_gradient(ctx.library, x, weight, each, place)
                d_x = one if d_x is None else d_x.add_(one)
        return d_x, d_weight, d_bias, None, None


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


def _input_gradient(
    library: Library, x: Tensor, weight: Tensor, d: Tensor, place: Tensor
) -> Tensor:
    filters, channels, window = weight.shape
    padded = functional.pad(weight.mT, (0, -channels % TILE))
    tiles = padded.reshape(filters, window, -1, TILE).movedim(2, 0).contiguous()
    found = torch.empty_like(x)
    library.winners_input(
        *whole(*x.shape, window, d.shape[1], filters), address(tiles), address(d), address(place),
        address(found),
    )  # fmt: skip
    return found


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


def fits(conv: nn.Module, x: Tensor) -> bool:
    """Answer whether the kernels take a convolution, fed with `x`; there must be a way back."""
    return (
        isinstance(conv, nn.Conv1d)
        and conv.stride == conv.dilation == (1,)
        and conv.groups == 1
        and conv.padding == (0,)
        and conv.out_channels % WIDE == 0
        and conv.in_channels >= WIDE
        and x.dtype == conv.weight.dtype == torch.float32
        and x.device.type == "cpu"
        and not torch.is_autocast_enabled("cpu")
        and torch.is_grad_enabled()
        and len(x) > 0
    )


def pooled_winners(given: Unpooled, window: Window, library: Library) -> Tensor:
    """Answer the pooling of a convolution that is still to be computed."""
    conv, x = given.conv, given.x.contiguous()
    answer: Tensor = Winners.apply(  # type: ignore[no-untyped-call]
        x, conv.weight, conv.bias, window, library
    )
    return answer

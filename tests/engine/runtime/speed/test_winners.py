"""Going back through winners alone gives the gradients that going back through all does."""

import pytest
import torch
from torch import nn

from engine.runtime.speed import winners
from engine.runtime.speed.native import native

pytestmark = pytest.mark.skipif(native().library is None, reason=native().why)
WHOLE = winners.Window()


def gradients(conv, x, answer):
    weights = torch.linspace(-1, 1, answer.numel()).view_as(answer)
    return [answer, *torch.autograd.grad((answer.relu() * weights).sum(), [x, *conv.parameters()])]


@pytest.mark.parametrize(
    ("rows", "length", "channels", "filters", "size", "window"),
    [
        (9, 23, 16, 32, 3, winners.Window(4, 4)),
        (1, 5, 32, 16, 5, winners.Window(1, 1)),
        (64, 100, 64, 48, 5, winners.Window(5, 5)),
        (7, 40, 100, 16, 7, winners.Window(3, 1)),  # windows that overlap; a tile filled up
        (10, 15, 48, 80, 11, winners.Window(2, 3)),
        (16, 11, 40, 256, 1, WHOLE),
        (5, 230, 17, 16, 2, WHOLE),
    ],
)
def test_the_gradients_are_those_of_torch(rows, length, channels, filters, size, window):
    torch.manual_seed(length)
    conv = nn.Conv1d(channels, filters, size)
    x = torch.randn(rows, length, channels, requires_grad=True)
    assert winners.fits(conv, x)
    ours = winners.pooled_winners(winners.Unpooled(conv, x), window, native().library)
    spoken = conv(x.mT)
    pooled = nn.functional.max_pool1d(spoken, window.size or spoken.shape[2], window.stride)
    for one, other in zip(gradients(conv, x, ours), gradients(conv, x, pooled.mT), strict=True):
        near = 1e-5 * other.abs().max().item()  # sums of as many terms, in another order
        torch.testing.assert_close(one, other, rtol=1e-4, atol=near)


def test_what_is_not_learned_through_has_no_gradient():
    conv, x = nn.Conv1d(16, 16, 3), torch.randn(4, 12, 16)
    ours = winners.pooled_winners(winners.Unpooled(conv, x), WHOLE, native().library)
    ours.sum().backward()
    assert x.grad is None
    assert conv.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("alike", [(3, 7), (0, 3, 5), (0, 1, 2, 3), range(9), ()])
def test_equals_over_a_whole_sequence_share_as_they_do_in_torch(alike):
    """Two, three, four, all, and none but one: a few are gone back through one by one."""
    torch.manual_seed(1)
    conv = nn.Conv1d(16, 16, 1, bias=False)
    conv.weight.data = (conv.weight.data * 8).round() / 8  # sums are exact, in whatever order
    x = torch.randint(-8, 8, (5, 9, 16)) / 8
    x[1, list(alike)] = 9 * conv.weight.detach()[3, :, 0]
    x.requires_grad_()
    ours = winners.pooled_winners(winners.Unpooled(conv, x), WHOLE, native().library)
    plain = conv(x.mT).amax(2, keepdim=True).mT
    for one, other in zip(gradients(conv, x, ours), gradients(conv, x, plain), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kept", ["weight", "input"])
def test_the_number_of_threads_changes_no_bit(kept):
    torch.manual_seed(0)
    conv = nn.Conv1d(48, 80, 5)
    x = torch.randn(13, 30, 48, requires_grad=kept == "input")
    before, made = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            conv.zero_grad()
            x.grad = None
            spoken = torch.randn(13, 6, 80, generator=torch.Generator().manual_seed(1))
            torch.set_num_threads(threads)
            answer = winners.pooled_winners(
                winners.Unpooled(conv, x.contiguous()), winners.Window(4, 4), native().library
            )
            (answer * spoken).sum().backward()
            made.append(x.grad if kept == "input" else conv.weight.grad.clone())
    finally:
        torch.set_num_threads(before)
    assert torch.equal(made[0], made[1])
    assert torch.equal(made[0], made[2])

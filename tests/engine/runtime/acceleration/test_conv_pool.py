"""Going back through maxima alone gives the gradients that going back through all does."""

import pytest
import torch
from torch import nn

from engine.runtime.acceleration.conv_pool import (
    DeferredConv,
    PoolWindow,
    conv_max_pool,
    supports,
)
from engine.runtime.acceleration.embedding import Words
from engine.runtime.acceleration.kernel_build import unavailable_reason

pytestmark = pytest.mark.skipif(unavailable_reason() != "", reason=unavailable_reason())
WHOLE = PoolWindow()


def gradients(conv, x, answer):
    weights = torch.linspace(-1, 1, answer.numel()).view_as(answer)
    return [answer, *torch.autograd.grad((answer.relu() * weights).sum(), [x, *conv.parameters()])]


@pytest.mark.parametrize(
    ("rows", "length", "channels", "filters", "size", "window"),
    [
        (9, 23, 16, 32, 3, PoolWindow(4, 4)),
        (1, 5, 32, 16, 5, PoolWindow(1, 1)),
        (64, 100, 64, 48, 5, PoolWindow(5, 5)),
        (7, 40, 100, 16, 7, PoolWindow(3, 1)),  # windows that overlap; a tile filled up
        (10, 15, 48, 80, 11, PoolWindow(2, 3)),
        (16, 11, 40, 256, 1, WHOLE),
        (5, 230, 17, 16, 2, WHOLE),
    ],
)
def test_the_gradients_are_those_of_torch(rows, length, channels, filters, size, window):
    torch.manual_seed(length)
    conv = nn.Conv1d(channels, filters, size)
    x = torch.randn(rows, length, channels, requires_grad=True)
    assert supports(DeferredConv(conv, x))
    ours = conv_max_pool(DeferredConv(conv, x), window)
    spoken = conv(x.mT)
    pooled = nn.functional.max_pool1d(spoken, window.size or spoken.shape[2], window.stride)
    for one, other in zip(gradients(conv, x, ours), gradients(conv, x, pooled.mT), strict=True):
        near = 1e-5 * other.abs().max().item()  # sums of as many terms, in another order
        torch.testing.assert_close(one, other, rtol=1e-4, atol=near)


def test_what_is_not_learned_through_has_no_gradient():
    conv, x = nn.Conv1d(16, 16, 3), torch.randn(4, 12, 16)
    ours = conv_max_pool(DeferredConv(conv, x), WHOLE)
    ours.sum().backward()
    assert x.grad is None
    assert conv.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("alike", [(3, 7), (0, 3, 5), range(16), range(20), ()])
def test_equals_over_a_whole_sequence_share_as_they_do_in_torch(alike):
    """Two, three, sixteen, all, and none but one; sixteen at most have their places kept."""
    torch.manual_seed(1)
    conv = nn.Conv1d(16, 16, 1, bias=False)
    conv.weight.data = (conv.weight.data * 8).round() / 8  # sums are exact, in whatever order
    x = torch.randint(-8, 8, (5, 20, 16)) / 8
    x[1, list(alike)] = 9 * conv.weight.detach()[3, :, 0]
    x.requires_grad_()
    ours = conv_max_pool(DeferredConv(conv, x), WHOLE)
    plain = conv(x.mT).amax(2, keepdim=True).mT
    for one, other in zip(gradients(conv, x, ours), gradients(conv, x, plain), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    conv.requires_grad_(False)
    answers = conv_max_pool(DeferredConv(conv, x), WHOLE), conv(x.mT).amax(2)
    torch.testing.assert_close(*(torch.autograd.grad(answer.sum(), x) for answer in answers))


@pytest.mark.parametrize("window", [WHOLE, PoolWindow(4, 4)])
def test_a_gradient_is_left_to_whoever_handed_it_over(window):
    torch.manual_seed(3)
    conv, x = nn.Conv1d(16, 16, 3), torch.randn(6, 14, 16, requires_grad=True)
    answer = conv_max_pool(DeferredConv(conv, x), window)
    given = torch.randn_like(answer).relu()
    before = given.clone()
    answer.backward(given)
    assert torch.equal(given, before)
    torch.testing.assert_close(conv.bias.grad, given.sum((0, 1)))


@pytest.mark.parametrize("window", [PoolWindow(4, 4), WHOLE])
def test_the_number_of_threads_changes_no_bit(window):
    torch.manual_seed(0)
    conv, x = nn.Conv1d(48, 80, 5), torch.randn(13, 30, 48)
    x[:, 3:15] = 0  # windows that are alike
    x.requires_grad_()
    before, made = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            made.append(gradients(conv, x, conv_max_pool(DeferredConv(conv, x), window)))
    finally:
        torch.set_num_threads(before)
    for one, two, three in zip(*made, strict=True):
        assert torch.equal(one, two)
        assert torch.equal(one, three)


@pytest.mark.parametrize("sparse", [False, True])
def test_words_learn_what_looked_up_ones_do(sparse):
    torch.manual_seed(4)
    conv, table = nn.Conv1d(32, 16, 2), torch.randn(4, 32, requires_grad=True)
    ids = torch.randint(4, (9, 12), dtype=torch.int32)
    given = DeferredConv(conv, Words(table, ids, sparse, True))
    assert supports(given)
    found = gradients(conv, table, conv_max_pool(given, WHOLE))
    plain = conv(nn.functional.embedding(ids, table).mT).amax(2, keepdim=True).mT
    assert found[1].is_sparse == sparse
    for one, other in zip(found, gradients(conv, table, plain), strict=True):
        torch.testing.assert_close(one.to_dense(), other, rtol=1e-4, atol=1e-5)


def test_a_graph_may_be_gone_back_through_twice():
    conv, table = nn.Conv1d(16, 16, 2), torch.randn(9, 16, requires_grad=True)
    words = Words(table, torch.arange(9, dtype=torch.int32)[None], False, True)
    answer = conv_max_pool(DeferredConv(conv, words), WHOLE).sum()
    answer.backward(retain_graph=True)
    first, table.grad = table.grad, None
    answer.backward()
    assert torch.equal(table.grad, first)

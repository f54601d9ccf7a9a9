"""The LSTM in one kernel, fed with numbers or with words, answers and learns what torch's does."""

from itertools import product

import pytest
import torch
from torch.nn import functional

from engine.runtime.acceleration import lstm
from engine.runtime.acceleration.embedding import Words
from engine.runtime.acceleration.kernel_build import unavailable_reason
from engine.runtime.nn_extras.recurrent import LSTM
from tests.tiers import noted

pytestmark = pytest.mark.skipif(unavailable_reason() != "", reason=unavailable_reason())
OPTIONS = [
    {}, {"return_sequences": True}, {"return_state": True}, {"go_backwards": True},
    {"return_sequences": True, "return_state": True, "go_backwards": True},
    {"use_bias": False, "return_state": True},
]  # fmt: skip
SIZES = [(1, 1, 3, 16), (19, 12, 5, 48), (8, 30, 7, 32)]


def gradients(rnn, answer, of):
    """Return all parts of an answer, and what a weighed sum of them says of tensors."""
    parts = answer if isinstance(answer, tuple) else (answer,)
    loss = sum((part * torch.linspace(-1, 2, part.numel()).view_as(part)).sum() for part in parts)
    return [*parts, *torch.autograd.grad(loss, [of, *rnn.parameters()])]


def same(ours, plain):
    for one, other in zip(ours, plain, strict=True):
        torch.testing.assert_close(one.to_dense(), other, rtol=1e-4, atol=1e-5)


def masks(rows, steps):
    mask = torch.rand(rows, steps) > 0.4
    mask[: rows // 2, 0] = True
    mask[0] = rows == 1
    return mask


@pytest.mark.parametrize(("rows", "steps", "features", "units"), SIZES)
def test_it_answers_what_torch_does(rows, steps, features, units):
    for masked, options in product([False, True], OPTIONS):
        with noted(masked, options):
            torch.manual_seed(rows)
            rnn = LSTM(features, units, **options)
            x = torch.randn(rows, steps, features, requires_grad=True)
            mask = masks(rows, steps) if masked else None
            same(gradients(rnn, lstm.run(rnn, x, mask), x), gradients(rnn, rnn(x, mask), x))


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("vocabulary", [4, 5000])
def test_words_that_are_projected_once_give_what_looked_up_ones_do(sparse, vocabulary):
    torch.manual_seed(1)
    table = torch.randn(vocabulary, 6, requires_grad=True)
    ids = torch.randint(vocabulary, (11, 9), dtype=torch.int32)
    words = Words(table, ids, sparse, True)
    for masked, options in product([False, True], OPTIONS):
        with noted(masked, options):
            rnn, mask = LSTM(6, 16, **options), masks(11, 9) if masked else None
            assert lstm.supports(rnn, words)
            plain = rnn(functional.embedding(ids, table), mask)
            same(gradients(rnn, lstm.run(rnn, words, mask), table), gradients(rnn, plain, table))


def test_words_whose_steps_are_dropped_from_are_looked_up_step_by_step():
    rnn = LSTM(6, 16, dropout=0.5)
    words = Words(torch.randn(9, 6), torch.zeros(2, 3, dtype=torch.int32), False, True)
    assert not lstm.supports(rnn, words)
    assert lstm.supports(rnn.eval(), words)


def test_a_graph_may_be_gone_back_through_twice():
    rnn, x = LSTM(3, 16), torch.randn(2, 4, 3, requires_grad=True)
    answer = lstm.run(rnn, x).sum()
    answer.backward(retain_graph=True)
    first, x.grad = x.grad, None
    answer.backward()
    assert torch.equal(x.grad, first)


@pytest.mark.parametrize("masked", [False, True])
def test_the_number_of_threads_changes_no_bit(masked):
    """No kernel splits a sum between threads."""
    torch.manual_seed(0)
    table, rnn = torch.randn(50, 16, requires_grad=True), LSTM(16, 32, return_sequences=True)
    ids = torch.randint(50, (37, 20), dtype=torch.int32)
    mask = torch.rand(37, 20) > 0.3 if masked else None
    before, made = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            outputs = lstm.run(rnn, Words(table, ids, False, True), mask)
            made.append([outputs, *torch.autograd.grad(outputs.sum(), table)])
    finally:
        torch.set_num_threads(before)
    for one, two, three in zip(*made, strict=True):
        assert torch.equal(one, two)
        assert torch.equal(one, three)


def test_what_the_kernels_answer_has_no_second_derivative_and_says_so():
    rnn, x = LSTM(3, 16), torch.randn(2, 4, 3, requires_grad=True)
    (d_x,) = torch.autograd.grad(lstm.run(rnn, x).square().sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="no second derivatives"):
        d_x.sum().backward()

"""The LSTM in one kernel, fed with numbers or with words, answers and learns what torch's does."""

import pytest
import torch
from torch.nn import functional

from engine.runtime.acceleration import lstm
from engine.runtime.acceleration.buffer_pool import BufferPool
from engine.runtime.acceleration.deferred_embedding import DeferredEmbedding, unique_tokens
from engine.runtime.acceleration.kernel_bindings import Kernels
from engine.runtime.acceleration.kernel_build import load_kernels
from engine.runtime.nn_extras.recurrent import LSTM

pytestmark = pytest.mark.skipif(load_kernels().library is None, reason=load_kernels().reason)
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


def masks(rows, steps):
    mask = torch.rand(rows, steps) > 0.4
    mask[: rows // 2, 0] = True
    mask[0] = rows == 1
    return mask


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(("rows", "steps", "features", "units"), SIZES)
def test_it_answers_what_torch_does(again, masked, options, rows, steps, features, units):
    torch.manual_seed(rows)
    rnn = LSTM(features, units, **options)
    x = torch.randn(rows, steps, features, requires_grad=True)
    mask = masks(rows, steps) if masked else None
    ours = gradients(
        rnn,
        lstm.run(rnn, Kernels(load_kernels().library, None if again else BufferPool()), x, mask),
        x,
    )
    for one, other in zip(ours, gradients(rnn, rnn(x, mask), x), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("vocabulary", [4, 5000])
def test_words_that_are_projected_once_give_what_looked_up_ones_do(
    masked, options, sparse, vocabulary
):
    torch.manual_seed(1)
    rnn = LSTM(6, 16, **options)
    table = torch.randn(vocabulary, 6, requires_grad=True)
    ids = torch.randint(vocabulary, (11, 9), dtype=torch.int32)
    mask = masks(11, 9) if masked else None
    words = DeferredEmbedding(table, ids, sparse)
    assert lstm.supports_words(rnn, words)
    ours = gradients(
        rnn, lstm.run_on_words(rnn, Kernels(load_kernels().library), words, mask), table
    )
    plain = gradients(rnn, rnn(functional.embedding(ids, table), mask), table)
    for one, other in zip(ours, plain, strict=True):
        expected = one.to_dense() if one.is_sparse else one
        torch.testing.assert_close(expected, other, rtol=1e-4, atol=1e-5)


def test_words_whose_steps_are_dropped_from_are_looked_up_step_by_step():
    rnn = LSTM(6, 16, dropout=0.5)
    words = DeferredEmbedding(torch.randn(9, 6), torch.zeros(2, 3, dtype=torch.int32), False)
    assert not lstm.supports_words(rnn, words)
    assert lstm.supports_words(rnn.eval(), words)


def test_a_way_back_that_was_used_up_is_refused_and_one_that_is_kept_is_not():
    rnn, x = LSTM(3, 16), torch.randn(2, 4, 3, requires_grad=True)
    once = lstm.run(rnn, Kernels(load_kernels().library), x).sum()
    once.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="once already"):
        once.backward()
    first = x.grad
    x.grad = None
    again = lstm.run(rnn, Kernels(load_kernels().library, None), x).sum()
    again.backward(retain_graph=True)
    again.backward()
    torch.testing.assert_close(x.grad, 2 * first)


@pytest.mark.parametrize("masked", [False, True])
def test_the_number_of_threads_changes_no_bit(masked):
    """No sum is split between threads."""
    torch.manual_seed(0)
    kernels = Kernels(load_kernels().library)
    fed, weight = torch.randn(20, 37, 128), torch.randn(128, 32)
    words, mask = torch.randn(50, 128), (torch.rand(20, 37) > 0.3) if masked else None
    _, places = unique_tokens(kernels.library, torch.randint(50, (20, 37), dtype=torch.int32), 50)
    before, made = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            found = []
            for given, where in ((fed, None), (words[: len(places.offsets) - 1], places)):
                x = given.clone().requires_grad_()
                outs, _, last = lstm.FusedLSTM.apply(x * 1.0, where, weight, mask, kernels, True)
                (gradient,) = torch.autograd.grad((outs.sum() + last.sum()), x)
                found += [outs, last, gradient]
            made.append(found)
    finally:
        torch.set_num_threads(before)
    for one, two, three in zip(*made, strict=True):
        assert torch.equal(one, two)
        assert torch.equal(one, three)


def test_what_the_kernels_answer_has_no_second_derivative_and_says_so():
    rnn, x = LSTM(3, 16), torch.randn(2, 4, 3, requires_grad=True)
    answer = lstm.run(rnn, Kernels(load_kernels().library, None), x).sum()
    with pytest.raises(RuntimeError, match="no second derivatives"):
        torch.autograd.grad(answer, x, create_graph=True)

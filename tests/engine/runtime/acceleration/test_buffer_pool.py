"""What a step is done with is taken by the next, and nothing that somebody still reads."""

import pytest
import torch

from engine.runtime.acceleration import fused_conv_pool, lstm
from engine.runtime.acceleration.buffer_pool import BufferPool, allocate
from engine.runtime.acceleration.deferred_embedding import DeferredEmbedding
from engine.runtime.acceleration.kernel_bindings import Kernels
from engine.runtime.acceleration.kernel_build import load_kernels
from engine.runtime.nn_extras.recurrent import LSTM

needs_kernels = pytest.mark.skipif(load_kernels().library is None, reason=load_kernels().reason)

LIKE = torch.zeros(1)


def test_what_was_given_is_taken_again_by_whoever_fits_best():
    pool = BufferPool()
    large, small = pool.allocate(LIKE, 10, 8), pool.allocate(LIKE, 50)
    places = large.data_ptr(), small.data_ptr()
    pool.free(large, small)
    assert pool.allocate(LIKE, 6, 8).data_ptr() == places[1]
    taken = pool.allocate(LIKE, 7, 8)
    assert (taken.data_ptr(), taken.shape) == (places[0], (7, 8))


def test_a_block_is_whole_again_once_it_is_given_back():
    pool = BufferPool()
    pool.free(pool.allocate(LIKE, 10, 8))
    pool.free(pool.allocate(LIKE, 5, 9))
    assert len(pool._blocks) == 1
    assert pool._blocks[0].numel() == 80


def test_a_block_that_is_far_too_large_or_of_another_kind_is_left_for_others():
    pool = BufferPool()
    kept = pool.allocate(LIKE, 64)
    pool.free(kept)
    for asked in (pool.allocate(LIKE, 31), pool.allocate(LIKE.double(), 64)):
        assert asked.data_ptr() != kept.data_ptr()
    assert pool.allocate(LIKE, 64).data_ptr() == kept.data_ptr()


def test_what_is_taken_twice_lies_in_two_places():
    pool = BufferPool()
    pool.free(pool.allocate(LIKE, 64))
    one, other = pool.allocate(LIKE, 64), pool.allocate(LIKE, 64)
    assert one.data_ptr() != other.data_ptr()


@pytest.mark.parametrize("sizes", [range(1, 300), range(300, 0, -1), [3, 300] * 20])
def test_blocks_stay_few_however_sizes_change(sizes):
    pool = BufferPool()
    for size in sizes:
        pool.free(pool.allocate(LIKE, size))
        assert sum(block.numel() for block in pool._blocks) <= 2 * max(sizes)


def test_blocks_that_were_let_go_are_not_taken_again():
    pool = BufferPool()
    pool.free(pool.allocate(LIKE, 64))
    pool.clear()
    assert not pool._blocks


def test_a_room_comes_from_what_is_spare_where_anything_is():
    pool = BufferPool()
    kept = pool.allocate(LIKE, 6)
    pool.free(kept)
    assert allocate(pool, LIKE, 2, 3).data_ptr() == kept.data_ptr()
    assert allocate(None, LIKE, 2, 3).shape == (2, 3)


IDS = torch.arange(36, dtype=torch.int32).view(4, 9) * 7 % 25


def lstm_of(table, pool):
    torch.manual_seed(1)
    rnn, words = LSTM(16, 16), DeferredEmbedding(table, IDS, False)
    return lstm.run_on_words(rnn, Kernels(load_kernels().library, pool), words)


def conv1d(table, pool):
    torch.manual_seed(1)
    conv, words = torch.nn.Conv1d(16, 16, 3), DeferredEmbedding(table, IDS, False)
    given = fused_conv_pool.DeferredConv(conv, words)
    return fused_conv_pool.fused_max_pool(
        given, fused_conv_pool.PoolWindow(), Kernels(load_kernels().library, pool)
    )


def pull(answer):
    return (answer * torch.linspace(-1, 1, answer.numel()).view_as(answer)).sum()


@needs_kernels
@pytest.mark.parametrize("made", [lstm_of, conv1d])
def test_a_second_pass_before_the_first_goes_back_spoils_neither(made):
    """As two losses do, a layer that is used twice, or a pass whose way back is never gone."""
    tables = [torch.randn(25, 16) for _ in range(3)]
    wanted = []
    for table in tables:
        alone = table.clone().requires_grad_()
        pull(made(alone, None)).backward()
        wanted.append(alone.grad)
    pool = BufferPool()
    for _ in range(2):  # and again with what the first time gave back
        own = [table.clone().requires_grad_() for table in tables]
        passes = [pull(made(table, pool)) for table in own]
        passes[1].backward()
        passes[0].backward()
        assert torch.equal(own[0].grad, wanted[0])
        assert torch.equal(own[1].grad, wanted[1])


@needs_kernels
@pytest.mark.parametrize("made", [lstm_of, conv1d])
def test_a_step_works_where_the_one_before_did(made):
    table, pool = torch.randn(25, 16, requires_grad=True), BufferPool()
    places = []
    for _ in range(3):
        pull(made(table, pool)).backward()
        places.append(sorted(block.data_ptr() for block in pool._blocks))
    assert places[0] == places[1] == places[2] != []


@needs_kernels
def test_what_may_be_gone_back_through_twice_is_taken_from_nobody_and_given_to_nobody():
    table, kernels = torch.randn(25, 16, requires_grad=True), Kernels(load_kernels().library, None)
    rnn = LSTM(16, 16)
    first = pull(lstm.run_on_words(rnn, kernels, DeferredEmbedding(table, IDS, False)))
    (wanted,) = torch.autograd.grad(first, table, retain_graph=True)
    second = pull(lstm.run_on_words(rnn, kernels, DeferredEmbedding(table * 2, IDS, False)))
    assert torch.equal(torch.autograd.grad(first, table)[0], wanted)
    assert not torch.equal(torch.autograd.grad(second, table)[0], wanted)


@needs_kernels
def test_a_pass_that_nobody_goes_back_through_leaves_what_is_spare_alone():
    table, pool = torch.randn(25, 16, requires_grad=True), BufferPool()
    pull(lstm_of(table, pool)).backward()
    before = [block.data_ptr() for block in pool._blocks]
    with torch.no_grad():
        lstm_of(table, pool)
    assert [block.data_ptr() for block in pool._blocks] == before

"""Rows of a table, however they are looked up, answer and learn what torch's embedding does."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from engine.runtime.acceleration.deferred_embedding import DeferredEmbedding, unique_tokens
from engine.runtime.acceleration.kernel_build import load_kernels
from engine.runtime.acceleration.updates.sparse_gradients import coalesce, look_up, unique_ids

needs_kernels = pytest.mark.skipif(load_kernels().library is None, reason=load_kernels().reason)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60), st.sampled_from([41, 50_000]))
def test_each_id_stands_once_and_is_found_again(ids, count):
    ids = torch.tensor(ids, dtype=torch.int32)
    words, place = unique_ids(ids, count)
    assert words.tolist() == sorted(set(ids.tolist()))
    assert torch.equal(words[place], ids.long())


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("vocabulary", [7, 900])
@pytest.mark.parametrize("dtype", [torch.int32, torch.int64])
def test_a_table_learns_the_same_to_the_last_bit(sparse, vocabulary, dtype):
    torch.manual_seed(2)
    table = torch.randn(vocabulary, 5, requires_grad=True)
    ids = torch.randint(vocabulary, (6, 11), dtype=dtype)
    pull = torch.randn(6, 11, 5)
    found, plain = look_up(table, ids, sparse), functional.embedding(ids, table)
    assert torch.equal(found, plain)
    ours, wanted = (torch.autograd.grad((one * pull).sum(), table)[0] for one in (found, plain))
    expected = coalesce(ours).to_dense() if ours.is_sparse else ours
    assert torch.equal(expected, wanted)


def test_words_in_steps_lie_step_after_step_and_are_the_same():
    table = torch.randn(9, 4, requires_grad=True)
    ids = torch.randint(9, (3, 5), dtype=torch.int32)
    x = DeferredEmbedding(table, ids, False).time_major()
    assert torch.equal(x, functional.embedding(ids, table))
    assert x.transpose(0, 1).is_contiguous()


@needs_kernels
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("vocabulary", [5, 30, 5000])
def test_a_word_that_is_projected_once_is_worth_what_each_of_its_steps_is(
    sparse, biased, vocabulary
):
    torch.manual_seed(3)
    given = [torch.randn(vocabulary, 4), torch.randn(3, 4), torch.randn(3)][: 2 + biased]
    given = [one.requires_grad_() for one in given]
    table, weight, *bias = given
    ids = torch.randint(vocabulary, (3, 7), dtype=torch.int32)
    library = load_kernels().library
    words, places = DeferredEmbedding(table, ids, sparse).project(
        weight, *(bias or [None]), library
    )
    assert len(words) == len(ids.unique())
    found, plain = (
        words[places.inverse].transpose(0, 1),
        functional.linear(table[ids.long()], *given[1:]),
    )
    pull = torch.randn(3, 7, 3)
    ours, wanted = (torch.autograd.grad((one * pull).sum(), given) for one in (found, plain))
    torch.testing.assert_close(found, plain)
    assert ours[0].is_sparse == sparse
    for one, other in zip(ours, wanted, strict=True):
        torch.testing.assert_close(one.to_dense(), other, rtol=1e-5, atol=1e-5)


@needs_kernels
@given(st.lists(st.integers(0, 40), min_size=1, max_size=60), st.sampled_from([41, 50_000]))
def test_words_and_steps_find_each_other(ids, size):
    ids = torch.tensor([ids], dtype=torch.int32)
    library = load_kernels().library
    words, places = unique_tokens(library, ids, size)
    assert words.tolist() == sorted(set(ids[0].tolist()))
    assert torch.equal(words[places.inverse], ids.long())
    d = torch.randn(1, ids.shape[1], 16)
    wanted = torch.zeros(len(words), 16).index_add_(0, places.inverse[0], d[0])
    torch.testing.assert_close(places.sum_gradients(library, d), wanted)


@needs_kernels
@pytest.mark.parametrize("wrong", [-1, 30])
def test_an_id_without_a_row_is_refused_before_anything_is_read(wrong):
    words = DeferredEmbedding(
        torch.randn(30, 4), torch.tensor([[1, 2, wrong]], dtype=torch.int32), False
    )
    with pytest.raises(IndexError, match="from 0 to 29"):
        words.project(torch.randn(3, 4), None, load_kernels().library)

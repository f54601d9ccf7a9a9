"""Rows of a table, however they are looked up, answer and learn what torch's embedding does."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from engine.runtime.speed.native import native
from engine.runtime.speed.rows import distinct, look_up, touched
from engine.runtime.speed.words import Words

needs_kernels = pytest.mark.skipif(native().library is None, reason=native().why)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60), st.sampled_from([41, 50_000]))
def test_each_id_stands_once_and_is_found_again(ids, count):
    ids = torch.tensor(ids, dtype=torch.int32)
    words, place = distinct(ids, count)
    assert words.tolist() == sorted(set(ids.tolist()))
    assert torch.equal(words[place], ids.long())


@pytest.mark.parametrize("by_rows", [False, True])
@pytest.mark.parametrize("vocabulary", [7, 900])
@pytest.mark.parametrize("dtype", [torch.int32, torch.int64])
def test_a_table_learns_the_same_to_the_last_bit(by_rows, vocabulary, dtype):
    torch.manual_seed(2)
    table = torch.randn(vocabulary, 5, requires_grad=True)
    ids = torch.randint(vocabulary, (6, 11), dtype=dtype)
    pull = torch.randn(6, 11, 5)
    found, plain = look_up(table, ids, by_rows), functional.embedding(ids, table)
    assert torch.equal(found, plain)
    ours, wanted = (torch.autograd.grad((one * pull).sum(), table)[0] for one in (found, plain))
    whole = touched(ours).to_dense() if ours.is_sparse else ours
    assert torch.equal(whole, wanted)


def test_words_in_steps_lie_step_after_step_and_are_the_same():
    table = torch.randn(9, 4, requires_grad=True)
    ids = torch.randint(9, (3, 5), dtype=torch.int32)
    x = Words(table, ids, False).in_steps()
    assert torch.equal(x, functional.embedding(ids, table))
    assert x.transpose(0, 1).is_contiguous()


@needs_kernels
@pytest.mark.parametrize("by_rows", [False, True])
@pytest.mark.parametrize("vocabulary", [5, 30, 5000])
def test_rows_apart_are_those_of_the_words_and_so_is_their_gradient(by_rows, vocabulary):
    table = torch.randn(vocabulary, 4, requires_grad=True)
    ids = torch.randint(vocabulary, (3, 5), dtype=torch.int32)
    rows, place = Words(table, ids, by_rows).apart(native().library)
    assert torch.equal(rows[place].transpose(0, 1), functional.embedding(ids, table))
    (gradient,) = torch.autograd.grad((rows * torch.arange(len(rows)).view(-1, 1)).sum(), table)
    assert gradient.is_sparse == by_rows
    wanted = torch.zeros(vocabulary, 4)
    for at, word in enumerate(ids.unique().tolist()):
        wanted[word] = at
    assert torch.equal(gradient.to_dense(), wanted)


@needs_kernels
@pytest.mark.parametrize("wrong", [-1, 30])
def test_an_id_without_a_row_is_refused_before_anything_is_read(wrong):
    ids = torch.tensor([[1, 2, wrong]], dtype=torch.int32)
    with pytest.raises(IndexError, match="from 0 to 29"):
        Words(torch.randn(30, 4), ids, False).apart(native().library)

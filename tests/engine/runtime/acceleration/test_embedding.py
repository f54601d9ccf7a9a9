"""Rows of a table, however they are looked up, answer and learn what torch's embedding does."""

from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from engine.runtime.acceleration.embedding import Words
from engine.runtime.acceleration.kernel_build import unavailable_reason
from tests.tiers import noted

NATIVE = [
    False,
    pytest.param(
        True, marks=pytest.mark.skipif(unavailable_reason() != "", reason=unavailable_reason())
    ),
]


@pytest.mark.parametrize("native", NATIVE)
@pytest.mark.parametrize("sparse", [False, True])
def test_a_table_learns_the_same_however_it_is_looked_up(native, sparse):
    for case in product([7, 900, 50_000], [torch.int32, torch.int64], [5, 16]):
        with noted(*case):
            check_lookup(*case, native, sparse)


def check_lookup(vocabulary, dtype, features, native, sparse):
    torch.manual_seed(2)
    table = torch.randn(vocabulary, features, requires_grad=True)
    ids = torch.randint(vocabulary, (6, 11), dtype=dtype)
    pull = torch.randn(6, 11, features)
    words = Words(table, ids, sparse, native)
    plain = functional.embedding(ids, table)
    (wanted,) = torch.autograd.grad((plain * pull).sum(), table)
    for found in (words.look_up(), words.time_major()):
        assert torch.equal(found, plain)
        (ours,) = torch.autograd.grad((found * pull).sum(), table)
        assert ours.is_sparse == (sparse and (vocabulary > 100 or native and features == 16))
        assert not ours.is_sparse or ours.is_coalesced()
        torch.testing.assert_close(ours.to_dense(), wanted, rtol=1e-6, atol=1e-6)
    assert words.time_major().transpose(0, 1).is_contiguous()


@pytest.mark.skipif(unavailable_reason() != "", reason=unavailable_reason())
@given(st.lists(st.integers(0, 40), min_size=1, max_size=60), st.sampled_from([1, 1000]))
def test_words_and_their_positions_find_each_other(ids, apart):
    ids = torch.tensor([ids], dtype=torch.int32) * apart
    words, inverse, order, offsets = torch.ops.layerloom.distinct(ids, 40 * apart + 1)
    assert words.tolist() == sorted(set(ids[0].tolist()))
    assert torch.equal(words[inverse], ids.long())
    d = torch.randn(1, ids.shape[1], 16)
    wanted = torch.zeros(len(words), 16).index_add_(0, inverse[0], d[0])
    torch.testing.assert_close(torch.ops.layerloom.sum_rows(d, order, offsets), wanted)


@pytest.mark.parametrize("native", NATIVE)
def test_an_id_without_a_row_is_refused(native):
    table = torch.randn(30, 16, requires_grad=True)
    for wrong in (-1, 30):
        words = Words(table, torch.tensor([[1, 2, wrong]], dtype=torch.int32), True, native)
        with pytest.raises(IndexError):
            words.look_up()

"""Prefetched batches are those of the data loader, one ahead."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.runtime.batches.batch import prefetch
from engine.runtime.batches.data_loader import DataLoader

ROWS = {"inputs": {"x": np.arange(20.0).reshape(10, 2)}, "targets": {"y": np.arange(10)}}
CPU = torch.device("cpu")


def loader(**options):
    masks, weights = {"y": np.arange(10) % 2 == 0}, {"y": np.linspace(0, 1, 10)}
    return DataLoader(**ROWS, batch_size=3, masks=masks, weights=weights, **options)


@pytest.mark.parametrize(("rank", "size", "skip"), [(0, 1, 0), (1, 2, 0), (0, 1, 2)])
def test_prefetched_batches_are_those_of_the_loader(rank, size, skip):
    plain, prefetching = (loader(rank=rank, size=size, is_prefetched=p) for p in (False, True))
    order = plain.epoch_order(3, 1)
    pairs = zip(plain.batches(order, skip), prefetching.batches(order, skip), strict=True)
    for one, other in pairs:
        assert (one.row_count, one.rank_rows) == (other.row_count, other.rank_rows)
        np.testing.assert_array_equal(one.row_indices, other.row_indices)
        for group in ("inputs", "targets", "weights", "masks"):
            assert getattr(one, group).keys() == getattr(other, group).keys()
            for name, tensor in getattr(one, group).items():
                assert torch.equal(tensor, getattr(other, group)[name])


def test_the_next_batch_is_copied_before_a_batch_is_yielded():
    read = []

    def batches():
        for batch in loader().batches():
            read.append(batch)
            yield batch

    assert [len(read) for _ in prefetch(batches(), CPU)] == [2, 3, 4, 4]
    assert list(prefetch([], CPU)) == []


def test_another_batch_size_can_be_set():
    prefetching = loader(is_prefetched=True)
    prefetching.batch_size = 5
    assert [batch.row_count for batch in prefetching.batches()] == [5, 5]
    assert len(prefetching) == 2

"""A prefetching loader has the batches of the loader that it reads, one ahead."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.runtime.batches.data_loader import DataLoader
from engine.runtime.batches.prefetch_loader import PrefetchLoader

ROWS = {"inputs": {"x": np.arange(20.0).reshape(10, 2)}, "targets": {"y": np.arange(10)}}


class Counted(DataLoader):
    """A loader that counts the batches that were read."""

    read = 0

    def batches(self, order=None, skip=0):
        for batch in super().batches(order, skip):
            self.read += 1
            yield batch


def loaders(**options):
    masks, weights = {"y": np.arange(10) % 2 == 0}, {"y": np.linspace(0, 1, 10)}
    loader = Counted(**ROWS, batch_size=3, masks=masks, weights=weights, **options)
    return loader, PrefetchLoader(loader)


@pytest.mark.parametrize(("rank", "skip"), [(0, 0), (1, 0), (0, 2)])
def test_batches_are_those_of_the_other_loader(rank, skip):
    plain, prefetching = loaders(rank=rank, size=1 + rank)
    order = plain.epoch_order(3, 1)
    assert len(plain) == len(prefetching)
    pairs = zip(
        plain.batches(order, skip),
        prefetching.batches(prefetching.epoch_order(3, 1), skip),
        strict=True,
    )
    for one, other in pairs:
        assert (one.row_count, one.rank_rows) == (other.row_count, other.rank_rows)
        np.testing.assert_array_equal(one.row_indices, other.row_indices)
        for group in ("inputs", "targets", "weights", "masks"):
            assert getattr(one, group).keys() == getattr(other, group).keys()
            for name, tensor in getattr(one, group).items():
                assert torch.equal(tensor, getattr(other, group)[name])


def test_the_next_batch_is_copied_before_a_batch_is_yielded():
    loader, prefetching = loaders()
    read = [loader.read for _ in prefetching.batches()]
    assert read == [2, 3, 4, 4]


def test_another_batch_size_can_be_set():
    _, prefetching = loaders()
    prefetching.batch_size = 5
    assert [batch.row_count for batch in prefetching.batches()] == [5, 5]
    assert len(prefetching) == 2

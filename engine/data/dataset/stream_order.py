"""The row order of an epoch of a streamed table, whose shards are read in sequence."""

from __future__ import annotations

import numpy as np

from engine.data.dataset.shuffle import EpochOrder
from engine.data.splits.random_split import permutation
from engine.data.splits.split_rows import RowIndices

_STREAM = 2**32  # the distance between the random streams of two windows, more than all epochs


class StreamOrder(EpochOrder):
    """A lazy sequence of row numbers, in which each rank reads other shards one after the other.

    1. The shards are permuted. Their rows, in this order, are one sequence.
    2. The sequence is divided into a range for each rank, with the rank's rows of all batches. So
       several ranks read the same shard only if their ranges meet in it.
    3. The rows of a rank in some consecutive batches, which are called a window, are permuted.

    Args:
        edges: for each shard the index of its first row, then the row count.
        batch_size: the number of rows of a batch, in all ranks together.
        ranks: the number of ranks. Rank r has the rows r, r + ranks, ... of each batch.
        window_batches: the number of batches of a window.
        seed: a seed of at least 0.
        epoch: the number of the epoch, from 1.
        shuffle: False to keep the order of shards and of rows within a range.
    """

    def __init__(
        self, edges: RowIndices, batch_size: int, ranks: int, window_batches: int, seed: int,
        epoch: int, shuffle: bool = True,
    ) -> None:  # fmt: skip
        # super().__init__ is not called, since it permutes blocks of the whole table.
        self._rows, self._seed, self._epoch, self._shuffle = int(edges[-1]), seed, epoch, shuffle
        self._batch_size, self._ranks, self._window_batches = batch_size, ranks, window_batches
        shards = np.arange(len(edges) - 1)
        if shuffle:
            shards = permutation(len(shards), seed, epoch)
        sizes = np.diff(edges)[shards]
        self._shard_ends = np.cumsum(sizes)  # in the sequence
        self._shifts = edges[shards] - (self._shard_ends - sizes)  # from there to row numbers
        batches, rest = divmod(self._rows, batch_size)
        self._rank_parts = _divided(batch_size, ranks)  # the rows of each rank in a batch
        counts = batches * self._rank_parts + _divided(rest, ranks)
        self._rank_ends = np.cumsum(counts)
        self._rank_starts = self._rank_ends - counts

    def group_end(self, place: int) -> int:
        """Return the index at which the window with the row at index `place` ends, exclusive."""
        window_rows = self._window_batches * self._batch_size
        return min((place // window_rows + 1) * window_rows, self._rows)

    def __getitem__(self, indices: slice) -> RowIndices:
        return self.take(np.arange(*indices.indices(self._rows)))

    def take(self, places: RowIndices) -> RowIndices:
        """Return the row numbers at the given indices."""
        batches, within = np.divmod(places, self._batch_size)
        ranks = within % self._ranks
        in_sequence = self._rank_starts[ranks] + batches * self._rank_parts[ranks]
        in_sequence += within // self._ranks
        if self._shuffle:
            keys = batches // self._window_batches * self._ranks + ranks
            for key in np.flatnonzero(np.bincount(keys)).tolist():
                window, rank = divmod(key, self._ranks)
                size = self._window_batches * int(self._rank_parts[rank])
                start = int(self._rank_starts[rank]) + window * size
                count = min(size, int(self._rank_ends[rank]) - start)
                order = permutation(count, self._seed, self._epoch + (key + 1) * _STREAM)
                in_sequence[keys == key] = start + order[in_sequence[keys == key] - start]
        shards = np.searchsorted(self._shard_ends, in_sequence, "right")
        rows: RowIndices = in_sequence + self._shifts[shards]
        return rows


def _divided(rows: int, ranks: int) -> RowIndices:
    """Return how many of `rows` rows each rank gets; the numbers differ by one at most."""
    return rows // ranks + (np.arange(ranks) < rows % ranks)

"""The order of shards and rows in an epoch, and which of them a process reads.

The rows of the shards, in the order of the epoch, are one sequence. It is divided into one range
per process, so that each range has the rows that the process contributes to all batches. So every
process yields the same number of batches, and a shard is read by two processes at most where a
range begins in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from engine.data.dataset.shuffle import EpochOrder
from engine.data.splits.random_split import permutation
from engine.data.splits.split_rows import RowIndices

_STREAM = 2**32  # the distance between the random streams of two rows, more than all epochs


class ShardOrder(EpochOrder):
    """The shards in the order of one epoch, and the order of rows within windows.

    Args:
        shards: the number of shards.
        seed: a seed of at least 0.
        epoch: the number of the epoch, from 1.
        shuffle: False to keep the order of the table.
    """

    def __init__(self, shards: int, seed: int, epoch: int, shuffle: bool = True) -> None:
        super().__init__(shards, 0, seed, epoch, shuffle)
        self._draws = (seed, epoch) if shuffle else None

    def window_order(self, start: int, count: int) -> RowIndices:
        """Return a permutation of the `count` rows of a window.

        `start` is the index of its first row among the rows of the epoch.
        """
        if self._draws is None:
            return np.arange(count)
        seed, epoch = self._draws
        return permutation(count, seed, ((start + 1) * _STREAM + epoch) % 2**64)

    def ranges(self, edges: RowIndices, rows: range) -> Iterator[tuple[int, int, int]]:
        """Yield the parts of shards that contain a range of the rows of the epoch.

        Args:
            edges: for each shard the index of its first row in the table, then the row count.
            rows: the range.

        Yields:
            The index of a shard; the indices in the table of its first row and after its last.
        """
        position = 0
        for shard in self:
            first, end = int(edges[shard]), int(edges[shard + 1])
            start = first + max(rows.start - position, 0)
            stop = min(first + rows.stop - position, end)
            if start < stop:
                yield shard, start, stop
            position += end - first


def batch_part(rows: int, rank: int, size: int) -> int:
    """Return how many of `rows` rows process `rank` of `size` gets; parts differ by one at most."""
    return rows // size + (rank < rows % size)


def rank_rows(row_count: int, batch_size: int, rank: int, size: int) -> range:
    """Return the range of an epoch's rows that process `rank` of `size` reads.

    Its first rows are for the first batch, and so on: `batch_part(batch_size, rank, size)` rows for
    each full batch, then its part of the last batch.
    """
    batches, rest = divmod(row_count, batch_size)
    counts: Sequence[int] = [
        batches * batch_part(batch_size, index, size) + batch_part(rest, index, size)
        for index in range(size)
    ]
    start = sum(counts[:rank])
    return range(start, start + counts[rank])

"""The row order of an epoch: it depends on the table's size, the seed and the epoch only.

Therefore, rows in memory and rows on disk have the same order, and caching changes no result.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.splits.random_split import permutation
from engine.data.splits.split_rows import RowIndices

GROUP_BYTES = 2**24  # the size of a group of blocks, whose rows are shuffled in memory
BLOCK_BYTES = 2**15  # the size of a block of adjacent rows, which are read together
MIN_ROW_BYTES = 2**7  # smaller rows count as this large, because row indices also need memory
_STREAM = 2**32  # the distance between the random streams of two groups, more than all epochs


class EpochOrder:
    """A lazy sequence of row numbers in the order of one epoch.

    Tables of at most 16 MiB (131,072 rows of up to 128 bytes) are shuffled row by row. Larger ones
    are shuffled in two levels, so that a disk reads contiguous blocks and a batch still holds rows
    from the whole table:

    1. The table is divided into blocks of 32 KiB of adjacent rows (or of one larger row), and the
       blocks are permuted.
    2. Consecutive blocks of that permutation form groups of 16 MiB, and the rows of each group are
       permuted when the group is first needed.

    Args:
        rows: the number of rows.
        row_bytes: the size of one row in bytes.
        seed: a seed of at least 0.
        epoch: the number of the epoch, from 1.
        shuffle: False to keep the order of the table.
    """

    def __init__(
        self, rows: int, row_bytes: int, seed: int, epoch: int, shuffle: bool = True
    ) -> None:
        self._rows, self._seed, self._epoch, self._shuffle = rows, seed, epoch, shuffle
        row_bytes = max(row_bytes, MIN_ROW_BYTES)
        self._rows_per_block = max(1, BLOCK_BYTES // row_bytes)
        blocks = -(-rows // self._rows_per_block)
        per_group = max(1, GROUP_BYTES // (self._rows_per_block * row_bytes))
        is_permuted = shuffle and blocks > per_group
        self._block_order = permutation(blocks, seed, epoch) if is_permuted else np.arange(blocks)
        self._blocks_per_group = min(per_group, max(blocks, 1))
        self._edges: list[int] = self._group_edges(blocks).tolist()
        self._cached_group: tuple[int, RowIndices] = (-1, np.empty(0, np.int64))

    def _group_edges(self, blocks: int) -> RowIndices:
        """Return where each group of blocks starts in the epoch's row order, then the row count.

        `blocks` is the number of blocks of adjacent table rows. A group's rows are shuffled.
        """
        sizes = np.full(blocks, self._rows_per_block, np.int64)
        sizes[-1:] -= blocks * self._rows_per_block - self._rows
        ends = np.concatenate([[0], np.cumsum(sizes[self._block_order])])
        return np.append(ends[: -1 : self._blocks_per_group], self._rows)

    def __len__(self) -> int:
        return self._rows

    def group_end(self, place: int) -> int:
        """Return the index at which the group with the row at index `place` ends, exclusive.

        Both indices count rows of the epoch. A group has rows that are shuffled with each other.
        """
        return self._edges[bisect_right(self._edges, place)]

    def __getitem__(self, indices: slice) -> RowIndices:
        start, stop, _ = indices.indices(self._rows)
        parts: list[RowIndices] = []
        while start < stop:
            number = bisect_right(self._edges, start) - 1
            first, end = self._edges[number], min(self._edges[number + 1], stop)
            parts.append(self._group(number)[start - first : end - first])
            start = end
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def take(self, places: RowIndices) -> RowIndices:
        """Return the row numbers at some indices, which are adjacent and in ascending order."""
        first = int(places[0])
        rows: RowIndices = self[first : int(places[-1]) + 1][places - first]
        return rows

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self[: self._rows], dtype)

    def __iter__(self) -> Iterator[int]:
        return iter(np.asarray(self).tolist())

    def _group(self, number: int) -> RowIndices:
        """Return the row numbers of a group of blocks, in epoch order; cache the last result."""
        if self._cached_group[0] != number:
            blocks = self._block_order[number * self._blocks_per_group :][: self._blocks_per_group]
            within_block = np.arange(self._rows_per_block)
            rows = (blocks[:, None] * self._rows_per_block + within_block).reshape(-1)
            rows = rows[rows < self._rows]
            if self._shuffle:
                is_only_group = len(self._edges) == 2
                stream = self._epoch + (0 if is_only_group else (number + 1) * _STREAM)
                rows = rows[permutation(len(rows), self._seed, stream)]
            self._cached_group = (number, rows)
        return self._cached_group[1]

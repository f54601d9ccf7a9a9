"""The order in which an epoch takes rows: a function of the table's size, seed and epoch alone.

One rule for rows in memory and rows on disk, so that where they lie changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.splits.random import Rows, permutation

GROUP = 2**24  # bytes that are shuffled, and held, at once
BLOCK = 2**15  # bytes that stay together on their way into a group
LEAST = 2**7  # bytes that a row counts at least, since its number has to be held, too
_STREAM = 2**32  # keeps the groups of an epoch apart from other epochs


class Order:
    """Row numbers in the order of an epoch, worked out as they are needed.

    Rows that take no more than 16 MiB in all, or are no more than 131,072, are shuffled as they
    are. Of more, blocks of 32 KiB are drawn from the whole table until they fill 16 MiB, and these
    rows are shuffled: a disk reads blocks, and a batch still holds rows from everywhere. Rows of 32
    KiB and more are blocks of their own.

    Args:
        rows: how many there are.
        width: bytes of one row.
        seed: not negative.
        epoch: counted from 1.
        shuffle: False takes the rows as they stand.
    """

    def __init__(self, rows: int, width: int, seed: int, epoch: int, shuffle: bool = True) -> None:
        self._rows, self._seed, self._epoch, self._shuffle = rows, seed, epoch, shuffle
        width = max(width, LEAST)
        self._block = max(1, BLOCK // width)
        blocks = -(-rows // self._block)
        per_group = max(1, GROUP // (self._block * width))
        if blocks <= per_group or not shuffle:
            self._drawn = np.arange(blocks)
            per_group = per_group if blocks > per_group else max(blocks, 1)
        else:
            self._drawn = permutation(blocks, seed, epoch)
        self._per_group = per_group
        self._edges = self._borders(blocks)
        self._held: tuple[int, Rows] = (-1, np.empty(0, np.int64))

    def _borders(self, blocks: int) -> Rows:
        """Return where each group begins, and the end: the last block may be a short one."""
        sizes = np.full(blocks, self._block, np.int64)
        sizes[-1:] -= blocks * self._block - self._rows
        ends = np.concatenate([[0], np.cumsum(sizes[self._drawn])])
        return np.append(ends[: -1 : self._per_group], self._rows)

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._rows

    def end(self, place: int) -> int:
        """Return where the group ends that a place in the order lies in."""
        return int(self._edges[np.searchsorted(self._edges, place, side="right")])

    def __getitem__(self, places: slice) -> Rows:
        """Return the rows at some places that follow each other."""
        start, stop, _ = places.indices(self._rows)
        parts: list[Rows] = []
        while start < stop:
            number = int(np.searchsorted(self._edges, start, side="right")) - 1
            first, end = int(self._edges[number]), min(int(self._edges[number + 1]), stop)
            parts.append(self._group(number)[start - first : end - first])
            start = end
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return all of it."""
        return np.asarray(self[: self._rows], dtype)

    def __iter__(self) -> Iterator[int]:
        """Return the rows one by one."""
        return iter(np.asarray(self).tolist())

    def _group(self, number: int) -> Rows:
        if self._held[0] != number:
            drawn = self._drawn[number * self._per_group :][: self._per_group]
            within = (drawn[:, None] * self._block + np.arange(self._block)).reshape(-1)
            rows = within[within < self._rows]
            if self._shuffle:
                alone = len(self._edges) == 2
                stream = self._epoch + (0 if alone else (number + 1) * _STREAM)
                rows = rows[permutation(len(rows), self._seed, stream)]
            self._held = (number, rows)
        return self._held[1]

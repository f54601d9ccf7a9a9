"""A data loader for streamed rows, and the choice of the data loader of a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from numpy.typing import NDArray

from engine.data.dataset.dataset import Dataset
from engine.data.dataset.memmap_rows import fields_by_group
from engine.data.dataset.shuffle import MIN_ROW_BYTES
from engine.data.stream.shard_order import ShardOrder, batch_part, rank_rows
from engine.data.stream.windows import WINDOW_BYTES, Window, read_windows
from engine.runtime.batches.data_loader import (
    Batch,
    DataLoader,
    DiskDataLoader,
    RankRows,
    RowOrder,
    bytes_per_row,
)
from engine.runtime.device import DeviceContext

if TYPE_CHECKING:
    from engine.data.cache.streamed_table import StreamedDataset


class StreamDataLoader(DataLoader):
    """A data loader for rows that are read from shards in each epoch, shuffled in windows.

    Each of several processes yields its part of every batch, and all yield the same number of
    batches. A process without a row for a batch yields one of its rows, which is not counted.

    Args:
        dataset: the rows.
        batch_size: rows per batch, in all processes together.
        dtype: dtype of floating-point batches.
        device: device of the batches.
        rank: index of this process.
        size: number of processes.
    """

    def __init__(
        self,
        dataset: StreamedDataset,
        batch_size: int,
        dtype: torch.dtype,
        device: torch.device,
        rank: int = 0,
        size: int = 1,
    ) -> None:
        # super().__init__ is not called, since it keeps rows in memory.
        self.batch_size, self.row_count = batch_size, dataset.row_count
        self._dataset, self._dtype, self._device = dataset, dtype, device
        self._rank, self._size = rank, size
        groups = (dataset.inputs, dataset.targets, dataset.masks, dataset.weights)
        self._row_bytes = max(bytes_per_row(*groups), MIN_ROW_BYTES)

    def epoch_order(self, seed: int, epoch: int, shuffle: bool = True) -> ShardOrder:
        """Return the order of the shards in an epoch, and of the rows in windows."""
        return ShardOrder(len(self._dataset.shard_edges) - 1, seed, epoch, shuffle)

    def batches(self, order: RowOrder | None = None, skip: int = 0) -> Iterator[Batch]:
        """Yield this process's parts of the batches of an epoch.

        Args:
            order: what `epoch_order` returned; all else keeps the order of the table.
            skip: number of batches to skip, to resume within an epoch.
        """
        shards = order if isinstance(order, ShardOrder) else self.epoch_order(0, 0, shuffle=False)
        rows = rank_rows(self.row_count, self.batch_size, self._rank, self._size)
        part = max(batch_part(self.batch_size, self._rank, self._size), 1)
        window_rows = max(WINDOW_BYTES // (self._row_bytes * part), 1) * part
        start, done = rows.start, 0
        for window in read_windows(self._dataset, shards, rows, window_rows):
            window_order = shards.window_order(start, len(window.row_indices))
            count = -(-len(window_order) // part)
            yield from self._window_batches(window, part, window_order, min(skip, count))
            start, done, skip = start + len(window_order), done + count, max(skip - count, 0)
        for _ in range(done + skip, len(self)):
            yield self._uncounted_batch(shards, rows)

    def _window_batches(
        self, window: Window, size: int, order: NDArray[np.int64], skip: int = 0
    ) -> Iterator[Batch]:
        inputs, targets, masks, weights = fields_by_group(window.arrays).values()
        loader = DataLoader(inputs, targets, size, self._dtype, self._device, weights, masks)
        for batch in loader.batches(order, skip):
            # No two processes draw the same random numbers.
            own = slice(self._rank, None, self._size)
            rank_rows = RankRows(batch.row_count * self._size, own) if self._size > 1 else None
            indices = window.row_indices[batch.row_indices]
            yield replace(batch, row_indices=indices, rank_rows=rank_rows)

    def _uncounted_batch(self, shards: ShardOrder, rows: range) -> Batch:
        """Return a batch with the first row of this process; with any row if it has none."""
        first = min(rows.start, self.row_count - 1)
        window = next(read_windows(self._dataset, shards, range(first, first + 1), 1))
        return replace(next(self._window_batches(window, 1, np.arange(1))), is_counted=False)


def make_data_loader(
    dataset: Dataset,
    batch_size: int,
    device_context: DeviceContext,
    rank: int = 0,
    size: int = 1,
) -> DataLoader:
    """Return the data loader of a dataset, in memory, on disk or streamed.

    `rank` and `size` are the index and the number of processes, each of which gets its rows.
    """
    dtype, device = device_context.dtype, device_context.device
    if dataset.is_streamed:
        streamed = cast("StreamedDataset", dataset)
        return StreamDataLoader(streamed, batch_size, dtype, device, rank, size)
    if dataset.memmap is not None:
        return DiskDataLoader(dataset.memmap, batch_size, dtype, device, rank, size)
    inputs, targets, weights, masks = (
        dataset.inputs, dataset.targets, dataset.weights, dataset.masks,
    )  # fmt: skip
    return DataLoader(inputs, targets, batch_size, dtype, device, weights, masks, rank, size)
